import ArgumentParser
import HashDB

/// Times queries of a store under filters that leave more or less of it.
struct Filters: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time queries under filters of many sizes; every answer is compared with a plain loop.")

    @Argument var store: String
    @Option(help: "A .npy file of queries.") var queries: String
    @Option(name: .short, help: "The number of nearest items.") var k = 10
    @Option(help: "The number of queries.") var count = 40

    func run() throws {
        let run = FilterRun(set: store, codes: try readCodes(queries, upTo: count), count: k)
        print(ExtrasReport.table(try Store.open(at: store, access: .readOnly).read { try run.run($0) }))
    }
}
