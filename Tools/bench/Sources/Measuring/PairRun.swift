import HashDB

/// What the search for all pairs took.
struct PairFigures: Codable {
    let set: String
    let radius: Int
    let pairs: Int
    let seconds: Double
    /// Items whose pairs were compared with scans.
    let checked: Int
}

/// Times the search for all pairs of a store; those of some items are compared with scans.
struct PairRun {
    let set: String
    let radius: Int
    let sample: Int

    func run(_ snapshot: borrowing Snapshot) throws -> PairFigures {
        let step = max(1, snapshot.count / max(1, sample))
        let (sample, radius) = (sample, radius)
        var expected: [UInt64: Int] = [:]
        var seen = 0
        try snapshot.forEachItem(payloads: false) { item in
            defer { seen += 1 }
            guard seen % step == 0, expected.count < sample else { return true }
            // An item is within every radius of itself.
            expected[item.id] = try snapshot.within(radius: radius, of: item.code, plan: .scan).count - 1
            return true
        }
        var found = expected.mapValues { _ in 0 }
        var pairs = 0
        let start = ContinuousClock.now
        try snapshot.forEachPair(within: radius) { pair in
            pairs += 1
            found[pair.a]? += 1
            found[pair.b]? += 1
            return true
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard found == expected else { throw BenchError("\(set): pairs are missing or too many") }
        return PairFigures(set: set, radius: radius, pairs: pairs, seconds: seconds, checked: expected.count)
    }
}
