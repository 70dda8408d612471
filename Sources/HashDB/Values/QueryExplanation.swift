/// How a query was planned and what it did, for people who wonder at its speed.
public struct QueryExplanation: Hashable, Sendable, Codable {
    /// What is known of the search of one part of the store.
    public struct Part: Hashable, Sendable, Codable {
        /// The segment's number; nil for the delta, which is always scanned.
        public let segment: UInt64?
        /// Items in the part, deleted ones among them.
        public let rows: Int
        /// The distance within which uniform codes would have the neighbours asked for, or the radius; nil where there are no buckets.
        public internal(set) var expectedReach: Int?
        /// What the planner took a scan, and probing as far as that, to cost in microseconds.
        public let expectedScan: Double
        /// See `expectedScan`; nil where there are no buckets.
        public internal(set) var expectedProbing: Double?
        /// The step before which probing was given up for a scan; nil if it was not.
        public internal(set) var switchedBeforeStep: Int?
        /// What was done.
        public internal(set) var work = SearchWork()
        /// How long it took.
        public internal(set) var duration: Duration = .zero
    }

    /// The parts in the order in which they were searched.
    public internal(set) var parts: [Part] = []

    /// An explanation that a query will fill in.
    public init() {}
}
