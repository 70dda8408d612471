import HashDB

/// What a filtered query took.
struct FilterFigures: Codable {
    let set: String
    /// `ids`, `range` or `closure`.
    let filter: String
    /// Of the items that pass.
    let share: Double
    /// Microseconds.
    let times: Times.Summary
}

/// Times queries under filters that leave more or less of a store; every answer is compared with a plain loop.
struct FilterRun {
    let set: String
    let codes: [BinaryCode]
    let count: Int

    private static let shares = [0.000_01, 0.001, 0.01, 0.1, 0.5, 1]

    func run(_ snapshot: borrowing Snapshot) throws -> [FilterFigures] {
        let items = try Items(snapshot)
        let truths = codes.map { items.byDistance(from: $0) }
        var all: [FilterFigures] = []
        for share in Self.shares {
            let wanted = UInt64(share * 4_294_967_296)
            let passes: @Sendable (UInt64) -> Bool = { ($0 &* 0x9E37_79B9_7F4A_7C15) >> 32 < wanted }
            let chosen = items.ids.filter(passes)
            let middle = items.ids.count / 3
            let range = items.ids[middle]...items.ids[min(items.ids.count - 1, middle + chosen.count)]
            for (name, filter) in [
                ("ids", ItemFilter.ids(chosen)), ("range", .ids(in: range)), ("closure", .matching(passes)),
            ] {
                var times = Times()
                for (code, truth) in zip(codes, truths) {
                    let found = try times.measure { try snapshot.nearest(to: code, count: count, among: filter) }
                    guard found == Array(truth.lazy.filter { filter.contains($0.id) }.prefix(count)) else {
                        throw BenchError("\(set): a filtered answer is wrong: \(name), \(share)")
                    }
                }
                guard let summary = times.summary else { continue }
                all.append(FilterFigures(set: set, filter: name, share: share, times: summary))
            }
        }
        return all
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
