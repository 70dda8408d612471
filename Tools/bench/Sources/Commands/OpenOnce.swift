import ArgumentParser
import HashDB

/// Opens a store and asks it queries, in a process of its own: the first query after the start, and the memory that queries take.
struct OpenOnce: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "open-once", shouldDisplay: false)

    @Option var store: String
    /// A file of queries.
    @Option var queries: String
    @Option var first = 0
    @Option var count = 1
    @Option var nearest: Int?
    @Option var within: Int?
    @Flag(help: "Drop the file's pages from memory before it is opened.") var cold = false

    struct Figures: Codable {
        let openMicroseconds: Double
        let firstMicroseconds: Double
        /// The share of the file that was still in memory after its pages were dropped.
        let residentShare: Double?
        /// After all the queries.
        let memory: ProcessMemory?
    }

    func run() throws {
        let codes = try readCodes(queries, upTo: first + count).dropFirst(first)
        guard !codes.isEmpty else { throw BenchError("\(queries): has no query \(first)") }
        let residentShare = cold ? try PageCache.drop(store) : nil
        var times = Times()
        let opened = try times.measure { try Store.open(at: store, access: .readOnly) }
        for code in codes { try times.measure { try ask(code, opened) } }
        try Subprocess.report(
            Figures(
                openMicroseconds: times.microseconds[0], firstMicroseconds: times.microseconds[1],
                residentShare: residentShare, memory: ProcessMemory.now))
    }

    private func ask(_ code: BinaryCode, _ store: Store) throws {
        _ =
            if let within {
                try store.within(radius: within, of: code)
            } else {
                try store.nearest(to: code, count: nearest ?? 10)
            }
    }
}
