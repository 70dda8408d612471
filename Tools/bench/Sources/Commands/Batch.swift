import ArgumentParser
import Foundation
import HashDB

/// Times a batch of queries of a store against the same queries one at a time.
struct Batch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Time a batch of queries on one core and on more against the same queries one at a time, by every plan.")

    @Argument var store: String
    @Option(help: "A .npy file of queries.") var queries: String
    @Option(name: .short, help: "The number of nearest items.") var k = 10
    @Option(help: "The repetitions of which the best counts.") var repeats = 3

    func run() async throws {
        let store = try await Store.open(at: store, access: .readOnly)
        let run = BatchRun(
            set: self.store, kind: queries, codes: try readCodes(queries), count: k,
            cores: ProcessInfo.processInfo.activeProcessorCount, repeats: repeats)
        var figures: [BatchFigures] = []
        for plan in QueryPlan.allCases { figures.append(try await run.run(plan, store)) }
        print(ExtrasReport.table(figures))
    }
}
