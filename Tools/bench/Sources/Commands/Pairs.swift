import ArgumentParser
import HashDB

/// Times the search for all pairs of a store.
struct Pairs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time the search for all pairs within a radius; those of some items are compared with scans.")

    @Argument var store: String
    @Option(help: "The largest distance of a pair.") var radius: Int
    @Option(help: "The number of items whose pairs are compared.") var sample = 200

    func run() throws {
        let run = PairRun(set: store, radius: radius, sample: sample)
        print(ExtrasReport.table([try Store.open(at: store, access: .readOnly).read { try run.run($0) }]))
    }
}
