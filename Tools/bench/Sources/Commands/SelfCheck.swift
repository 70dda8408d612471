import ArgumentParser

/// The benchmark on tiny sets: every step is gone through and every answer checked.
struct SelfCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "self-check", abstract: "Go through everything on tiny sets, in a few seconds.")

    func run() throws {
        let recipes = Recipe.all.filter {
            ["u64-60k", "c48-60k", "c12-60k", "u64-dup30-1m", "p256-1m"].contains($0.name)
        }
        .map { $0.resized(to: 3000) }
        let results = try withTemporaryDirectory(in: nil) { directory in
            try Run(options: RunOptions(directory: directory, isQuick: true), images: nil, peers: []) { _ in }
                .run(recipes)
        }
        guard results.cells.count > 50, results.cells.allSatisfy({ $0.answersChecked > 0 }),
            !Report(results: results).text.isEmpty
        else { throw BenchError("not everything was measured") }
        print("\(results.cells.reduce(0) { $0 + $1.answersChecked }) answers, all right")
    }
}

extension Recipe {
    /// The same with another number of codes.
    fileprivate func resized(to count: Int) -> Recipe {
        Recipe(
            name: name, bitWidth: bitWidth, count: count, distribution: distribution, kinds: kinds,
            operations: operations, isLarge: isLarge)
    }
}
