import ArgumentParser
import CodeFiles
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
        let store = try Store.open(at: store, access: .readOnly)
        var reader = try CodeReader(path: queries)
        let bytes = try reader.next(upTo: count) ?? []
        let codes = try (0..<bytes.count / reader.codeBytes).map { row in
            try BinaryCode(bytes: bytes[row * reader.codeBytes..<(row + 1) * reader.codeBytes])
        }
        try store.read { snapshot in
            let items = try Items(snapshot)
            let truths = codes.map { items.byDistance(from: $0) }
            for share in [0.000_01, 0.001, 0.01, 0.1, 0.5, 1] {
                let wanted = UInt64(share * 4_294_967_296)
                let passes: @Sendable (UInt64) -> Bool = { ($0 &* 0x9E37_79B9_7F4A_7C15) >> 32 < wanted }
                let chosen = items.ids.filter(passes)
                let middle = items.ids.count / 3
                let range = items.ids[middle]...items.ids[min(items.ids.count - 1, middle + chosen.count)]
                var row = "\(share * 100) %:"
                for (name, filter) in [
                    ("ids", ItemFilter.ids(chosen)), ("range", .ids(in: range)), ("closure", .matching(passes)),
                ] {
                    let times = try zip(codes, truths).map { code, truth in
                        let start = ContinuousClock.now
                        let found = try snapshot.nearest(to: code, count: k, among: filter)
                        let time = (ContinuousClock.now - start) / .microseconds(1)
                        guard found == Array(truth.lazy.filter { filter.contains($0.id) }.prefix(k)) else {
                            throw BenchError("a filtered answer is wrong: \(name), \(share)")
                        }
                        return time
                    }
                    row += " \(name) \(Format.number(times.sorted()[times.count / 2])) µs"
                }
                print(row)
            }
        }
    }
}

/// All items of a store in memory.
private struct Items {
    private(set) var ids: [UInt64] = []
    private var codes: [BinaryCode] = []

    init(_ snapshot: borrowing Snapshot) throws {
        var ids: [UInt64] = []
        var codes: [BinaryCode] = []
        try snapshot.forEachItem(payloads: false) {
            ids.append($0.id)
            codes.append($0.code)
            return true
        }
        self.ids = ids
        self.codes = codes
    }

    func byDistance(from query: BinaryCode) -> [Match] {
        zip(ids, codes).map { Match(id: $0, distance: $1.hammingDistance(to: query)) }.sorted()
    }
}
