import ArgumentParser

/// The benchmark on tiny sets: every step is gone through and every answer checked.
struct SelfCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "self-check", abstract: "Go through everything on tiny sets, in a few seconds.")

    func run() async throws {
        let recipes = Recipe.all.filter {
            ["u64-60k", "c48-60k", "c12-60k", "u64-dup30-1m", "p256-1m"].contains($0.name)
        }
        .map { $0.name == "u64-60k" ? $0.measuring([.allocations, .batches, .pairs]) : $0.resized(to: 3000) }
        let results = try await withTemporaryDirectory(in: nil) { directory in
            try await Run(options: RunOptions(directory: directory, isQuick: true), images: nil, peers: []) { _ in }
                .run(recipes)
        }
        guard results.cells.count > 50, results.batches.count == 2, results.pairs.count == 2,
            results.cells.allSatisfy({ $0.answersChecked > 0 }),
            !Report(results: results).text.isEmpty
        else { throw BenchError("not everything was measured") }
        guard results.allocations.areIndependentOfProbes else {
            throw BenchError(
                "queries with more probes ask for memory more often:\n\(ExtrasReport(results).allocations)")
        }
        guard results.allocations.isEmpty || results.allocations.contains(where: { $0.probes > 1000 }) else {
            throw BenchError("no query probed enough for its allocations to tell anything")
        }
        if !results.allocations.isEmpty { print(ExtrasReport(results).allocations) }
        print("\(results.cells.reduce(0) { $0 + $1.answersChecked }) answers, all right")
    }
}

extension Recipe {
    /// The same, as large as it is: in fewer codes nothing is probed for.
    fileprivate func measuring(_ extras: Extras) -> Recipe {
        var recipe = self
        recipe.extras = extras
        return recipe
    }
}
