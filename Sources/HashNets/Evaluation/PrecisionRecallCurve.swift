/// Precision against recall, averaged over queries: by how many of the nearest are taken, and by the radius.
public struct PrecisionRecallCurve: Hashable, Sendable {
    /// One way to cut the answers off.
    public struct Point: Hashable, Sendable {
        /// How many of the nearest are taken, or the radius.
        public var cut: Int
        /// Mean share of the relevant items that are found; 0 for a query that has none.
        public var recall: Double
        /// Mean share of what is found that is relevant; 0 for a query that finds nothing.
        public var precision: Double
    }

    /// The first N, for N growing by a twentieth up to the whole database. Ties across the cut count in proportion.
    public private(set) var lengths: [Point]
    /// All within each radius, from 0 on.
    public private(set) var radii: [Point]

    /// The curve of `count` items with codes of `bits` bits, before any query.
    init(count: Int, bits: Int) {
        var lengths: [Int] = []
        var next = 1
        while next < count {
            lengths.append(next)
            next = max(next + 1, next * 21 / 20)
        }
        if count > 0 { lengths.append(count) }
        self.lengths = lengths.map { Point(cut: $0, recall: 0, precision: 0) }
        radii = (0...bits).map { Point(cut: $0, recall: 0, precision: 0) }
    }

    /// Adds a query that has this share in the mean.
    mutating func add(_ counts: DistanceCounts, share: Double) {
        let all = Double(max(1, counts.relevant.reduce(0, +)))
        var seen = 0
        var found = 0
        var next = 0
        for radius in radii.indices {
            let (count, hits) = (counts.items[radius], counts.relevant[radius])
            while next < lengths.count, lengths[next].cut <= seen + count {
                let length = lengths[next].cut
                let inside = Double(found) + Double(hits) * Double(length - seen) / Double(count)
                lengths[next].recall += share * inside / all
                lengths[next].precision += share * inside / Double(length)
                next += 1
            }
            seen += count
            found += hits
            radii[radius].recall += share * Double(found) / all
            if seen > 0 { radii[radius].precision += share * Double(found) / Double(seen) }
        }
    }
}
