import Foundation

/// How a run goes.
struct RunOptions {
    /// Where files are made.
    let directory: String
    let isQuick: Bool

    /// Queries of each kind on a set of this many codes; few where the truth takes long to find.
    func queryCount(for codes: Int, of bitWidth: Int) -> Int {
        let bytes = codes * (bitWidth + 7) / 8
        let whole = bytes > 600_000_000 ? 20 : bytes > 200_000_000 ? 40 : bytes > 16_000_000 ? 100 : 200
        return isQuick ? max(10, whole / 5) : whole
    }
}

/// Measures sets one after the other.
struct Run {
    let options: RunOptions
    let images: String?
    let peers: [any Peer]
    let log: (String) -> Void

    func run(_ recipes: [Recipe]) async throws -> Results {
        var results = Results()
        var projections: ImageProjections?
        for recipe in recipes {
            if case .images = recipe.distribution, projections == nil, let images {
                log("reading images")
                projections = try ImageProjections(directory: images, log: log)
            }
            try await SetRun(recipe: recipe, options: options, images: projections, peers: peers, log: log)
                .run(into: &results)
        }
        log("small inserts")
        for synchronous in [false, true] { results.inserts.append(try inserts(synchronous)) }
        results.judged = Targets.judge(results)
        return results
    }

    private func inserts(_ synchronous: Bool) throws -> Results.Inserts {
        let files = SetFiles(directory: options.directory, name: "inserts")
        defer { try? files.remove() }
        let commits = (synchronous ? 200 : 1000) / (options.isQuick ? 10 : 1)
        let arguments = ["insert-once", "--store", "\(options.directory)/inserts.store", "--commits", String(commits)]
        return Results.Inserts(
            synchronous: synchronous,
            figures: try Subprocess.bench(
                arguments + (synchronous ? ["--synchronous"] : []), as: InsertOnce.Figures.self))
    }
}

/// Runs `body` with a new directory in `parent`, which is removed afterwards.
func withTemporaryDirectory<R>(in parent: String?, _ body: (String) async throws -> R) async throws -> R {
    let parent = parent.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
    let directory = parent.appendingPathComponent("hashdb-bench-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory.path)
}
