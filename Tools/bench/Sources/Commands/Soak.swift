import ArgumentParser
import HashDB

/// Reads and writes a store at full speed for a while, and looks whether all answers are right and nothing grows without bound.
struct Soak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Read and write a store at full speed for a while; fails where an answer is wrong or anything goes on growing.",
        discussion: """
            One process writes: changes, deletions, files of codes, folds, commits that wait for the device. It reads in a thread too, and others \
            read in processes of their own. Samples of the answers are compared with brute force.
            """)

    @Option(help: "For how long, in seconds.") var seconds = 20.0
    @Option(help: "Processes that read, beside the one that writes.") var readers = 2
    @Option(help: "Different ids, of which about half are in the store.") var ids = 100_000
    @Option(help: "Where the store is made; a temporary folder otherwise.") var dir: String?

    /// Commits between two folds.
    private static let foldInterval: UInt64 = 2000

    func run() async throws {
        guard seconds >= 4, readers >= 0, ids >= 1000 else {
            throw ValidationError("at least 4 seconds, no negative number of readers, 1000 ids")
        }
        try await withTemporaryDirectory(in: dir) { directory in
            let path = directory + "/soak.hashdb"
            let history = SoakHistory(ids: ids)
            let store = try await Store.create(at: path, bitWidth: 64)
            try history.perform(history.step(1), on: store)
            let others = try (0..<readers).map { number in
                try Subprocess(bench: [
                    "soak-read", path, "--name", "\(number)", "--seconds", "\(seconds)", "--ids", "\(ids)",
                ])
            }
            let own = Task.detached { [seconds] in
                var reader = SoakReader(store, history, name: "thread", seconds: seconds)
                return try reader.run()
            }
            var writer = SoakWriter(store, history, foldInterval: Self.foldInterval, seconds: seconds)
            let written = try writer.run()
            let read = try await [own.value] + others.map { try $0.finish(as: SoakReader.Report.self) }
            try Self.check(store, history)
            let report = SoakReport(seconds: seconds, items: try store.count, writer: written, readers: read)
            print(report.text)
            let objections = report.objections
            guard objections.isEmpty else { throw BenchError(objections.joined(separator: "; ")) }
        }
    }

    /// Compares the whole store with what it must hold in the end.
    private static func check(_ store: Store, _ history: SoakHistory) throws {
        guard try Store.damagedPages(at: store.path).isEmpty else { throw BenchError("a page is damaged") }
        try store.read { snapshot in
            try snapshot.checkInvariants()
            var model = SoakModel(history)
            model.advance(to: snapshot.commitNumber)
            var found = [UInt64?](repeating: nil, count: history.ids)
            try snapshot.forEachItem { item in
                found[Int(item.id)] = item.code.bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
                guard item.payload == model.payload(of: item.id) else { throw BenchError("item \(item.id) is wrong") }
                return true
            }
            guard found == model.codes else { throw BenchError("the store is not what was written") }
        }
    }
}

/// One of the processes that read.
struct SoakRead: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "soak-read", shouldDisplay: false)

    @Argument var store: String
    @Option var name: String
    @Option var seconds: Double
    @Option var ids: Int

    func run() throws {
        let opened = try Store.open(at: store, access: .readOnly)
        var reader = SoakReader(opened, SoakHistory(ids: ids), name: name, seconds: seconds)
        try Subprocess.report(try reader.run())
    }
}
