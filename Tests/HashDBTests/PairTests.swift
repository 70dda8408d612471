import HashDB
import TestSupport
import Testing

/// The self-join must give the pairs that comparing all with all gives, each once, whatever the store looks like.
struct PairTests {
    static let widths = [8, 16, 24, 48, 64, 128, 256]

    @Test(arguments: widths, ["uniform", "clustered", "repeating"])
    func pairsAreThoseOfComparingAllWithAll(bitWidth: Int, distribution: String) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth) * 7 + UInt64(distribution.utf8.count))
        // All pairs of a store are many, and take one way; so it is for a radius that is great for the width.
        let radii = [0, 1, 3, 5, 9].filter { $0 <= bitWidth / 4 } + (distribution == "clustered" ? [bitWidth + 1] : [])
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: bitWidth, options: .unsynchronised)
            var items = try store.load(ids: 0..<4500, distribution, &generator)
            try check(store, items, radii: radii)
            // A second segment, then deletions, replacements and newcomers in the delta.
            try store.loading(runLength: 4200) { loader in
                for (i, code) in try codes(4200, bitWidth, distribution, &generator).enumerated() where i % 2 == 0 {
                    try loader.append(id: UInt64(10_000 + i), code: code)
                    items[UInt64(10_000 + i)] = code
                }
            }
            try store.write { transaction in
                for id in stride(from: UInt64(0), to: 4500, by: 9) {
                    try transaction.delete(id)
                    items[id] = nil
                }
                for (i, code) in try codes(300, bitWidth, distribution, &generator).enumerated() {
                    try transaction.upsert(UInt64(40 * i + 1), code: code)
                    items[UInt64(40 * i + 1)] = code
                }
            }
            try check(store, items, radii: radii)
            try store.fold()
            try check(store, items, radii: radii)
        }
    }

    /// Segments of these sizes are not merged, and are cut alike: they are joined bucket by bucket.
    @Test(arguments: [(16, 17_000, 4200), (24, 33_000, 8200)])
    func pairsBetweenSegmentsThatAreCutAlikeAreFound(bitWidth: Int, large: Int, small: Int) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth))
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: bitWidth, options: .unsynchronised)
            var items = try store.load(ids: 0..<UInt64(large), "uniform", &generator)
            let start = UInt64(large + 10)
            items.merge(try store.load(ids: start..<start + UInt64(small), "uniform", &generator)) { $1 }
            let segments = try store.read { try $0.statistics().segments }
            #expect(segments.count == 2 && segments[0].substringBits == segments[1].substringBits)
            try check(store, items, radii: bitWidth == 16 ? [0, 1] : [0, 2])
        }
    }

    @Test func theBodyStopsTheSearch() throws {
        var generator = SplitMix64(seed: 3)
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 64, options: .unsynchronised)
            _ = try store.load(ids: 0..<5000, "repeating", &generator)
            for plan in QueryPlan.allCases {
                for wanted in [1, 2, 100, 5000] {
                    var pairs: Set<MatchedPair> = []
                    try store.read { snapshot in
                        try snapshot.forEachPair(within: 9, plan: plan) { pair in
                            pairs.insert(pair)
                            return pairs.count < wanted
                        }
                    }
                    #expect(pairs.count == wanted)
                }
            }
        }
    }

    @Test func anEmptyStoreHasNoPairsAndARadiusIsNotNegative() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 64, options: .unsynchronised)
            try store.read { snapshot in
                try snapshot.forEachPair(within: 64) { _ in
                    Issue.record("a pair of nothing")
                    return true
                }
            }
            #expect(throws: HashDBError.invalidRadius(-1)) {
                try store.read { try $0.forEachPair(within: -1) { _ in true } }
            }
        }
    }

    private func check(_ store: Store, _ items: [UInt64: BinaryCode], radii: [Int]) throws {
        let truth = Truth(items)
        for radius in radii {
            let count = truth.counts.prefix(radius + 1).reduce(0, +)
            let isFew = count <= Truth.kept
            // Probing visits nearly all pairs of buckets at a great radius.
            for plan in QueryPlan.allCases where plan != .probe || radius < 4 || store.bitWidth < 64 {
                guard isFew || plan == .automatic else { continue }
                var pairs: [MatchedPair] = []
                var counts = [Int](repeating: 0, count: store.bitWidth + 1)
                try store.read { snapshot in
                    try snapshot.forEachPair(within: radius, plan: plan) { pair in
                        if isFew { pairs.append(pair) }
                        counts[pair.distance] += 1
                        return true
                    }
                }
                let expected = truth.counts.enumerated().map { $0 <= radius ? $1 : 0 }
                #expect(counts == expected, "\(plan), radius \(radius)")
                guard isFew else { continue }
                let wanted = truth.pairs.filter { $0.distance <= radius }
                #expect(pairs.sorted { ($0.a, $0.b) < ($1.a, $1.b) } == wanted, "\(plan), radius \(radius)")
            }
        }
    }
}

/// All pairs, by comparing all with all: how many at each distance, and the nearest ones themselves, as long as they are few.
private struct Truth {
    static let kept = 200_000
    var counts: [Int]
    var pairs: [MatchedPair] = []

    init(_ items: [UInt64: BinaryCode]) {
        let list = items.sorted { $0.key < $1.key }
        counts = [Int](repeating: 0, count: (list.first?.value.bitWidth ?? 0) + 1)
        let words = list.flatMap { item in
            stride(from: 0, to: item.value.bytes.count, by: 8).map { start in
                item.value.bytes[start...].prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
        }
        let wordsPerCode = words.count / max(1, list.count)
        // By distance; those at the largest are dropped as often as there are too many.
        var near = [[MatchedPair]](repeating: [], count: counts.count)
        var (reach, count) = (counts.count - 1, 0)
        words.withUnsafeBufferPointer { words in
            for i in list.indices {
                for j in i + 1..<list.count {
                    var distance = 0
                    for k in 0..<wordsPerCode {
                        distance += (words[i * wordsPerCode + k] ^ words[j * wordsPerCode + k]).nonzeroBitCount
                    }
                    counts[distance] += 1
                    guard distance <= reach else { continue }
                    near[distance].append(MatchedPair(list[i].key, list[j].key, distance: distance))
                    count += 1
                    while count > Self.kept {
                        count -= near[reach].count
                        near[reach] = []
                        reach -= 1
                    }
                }
            }
        }
        pairs = near.joined().sorted { ($0.a, $0.b) < ($1.a, $1.b) }
    }
}

/// "repeating": half of the codes are equal to others, some of them to many.
private func codes(
    _ count: Int, _ bitWidth: Int, _ distribution: String, _ generator: inout SplitMix64
) throws -> [BinaryCode] {
    guard distribution == "repeating" else {
        let known = Distribution(rawValue: distribution) ?? .uniform
        return try known.codes(count, bitWidth: bitWidth, &generator)
    }
    var codes = try Distribution.uniform.codes(count, bitWidth: bitWidth, &generator)
    for i in codes.indices.dropFirst() where i % 2 == 0 {
        codes[i] = codes[Int.random(in: 0..<i, using: &generator) / (i % 3 == 0 ? 100 : 1)]
    }
    return codes
}

extension Store {
    /// Loads codes under these ids as a segment and returns them.
    fileprivate func load(
        ids: Range<UInt64>, _ distribution: String, _ generator: inout SplitMix64
    ) throws -> [UInt64: BinaryCode] {
        let list = try codes(ids.count, bitWidth, distribution, &generator)
        try bulkLoad { loader in try loader.append(ids: Array(ids), packedCodes: list.flatMap(\.bytes)) }
        return Dictionary(uniqueKeysWithValues: zip(ids, list))
    }
}
