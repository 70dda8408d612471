/// What a store consists of, as of one snapshot.
public struct Statistics: Hashable, Sendable, Codable {
    /// A part of the index that is searched as one.
    public struct Segment: Hashable, Sendable, Codable {
        /// The segment's number, by which `Bucket` and `QueryExplanation` name it too.
        public let number: UInt64
        /// Items, deleted ones among them.
        public let rows: Int
        /// Items that are deleted and not yet left out by a fold.
        public let tombstones: Int
        /// The number of substrings, m; 0 where the segment is so small that it is only scanned.
        public let substrings: Int
        /// The bits of each substring, w.
        public let substringBits: Int
        /// The number of shards of each substring.
        public let shards: Int
        /// Different codes among the rows. Codes of more than 128 bits are not compared: each counts.
        public let distinctCodes: Int
        /// The entries of a usual bucket; 0 where there are none.
        public let entriesPerBucket: Double
        /// What the planner takes looking into a usual bucket to cost, in nanoseconds; 0 where there are none.
        public let bucketCost: Double
        /// What the planner takes a scan of the whole segment to cost, in nanoseconds.
        public let scanCost: Double
    }

    /// How full the buckets of one substring of a segment are.
    public struct Occupancy: Hashable, Sendable, Codable {
        /// An index into `segments`.
        public let segment: Int
        /// Which of the segment's substrings.
        public let substring: Int
        /// Element 0 counts the empty buckets, element i > 0 those of 2^(i−1) to 2^i − 1 codes.
        public let counts: [Int]
    }

    /// Which of the file's collections this is.
    public let collection: String
    /// The version of the file's format.
    public let formatVersion: Int
    /// The bits of every code.
    public let bitWidth: Int
    /// Which model made the codes, if the store was told.
    public let model: ModelIdentity?
    /// The number of items.
    public let itemCount: Int
    /// The number of commits that changed an item or an attribute.
    public let commitNumber: UInt64
    /// Where the store is, if it records its changes.
    public let position: StorePosition?
    /// The segments, the largest first.
    public let segments: [Segment]
    /// Whether a merge of segments is under way, on which each commit does some work.
    public let isMerging: Bool
    /// Entries of the delta, which is scanned, deleted ones among them.
    public let deltaCount: Int
    /// Entries of segments and delta that are deleted.
    public let tombstones: Int
    /// The file's size in bytes, with all its collections and its free pages.
    public let fileBytes: Int
    /// The bytes of the pages that this collection has in use.
    public let collectionBytes: Int
    /// How many collections the file has.
    public let collections: Int
    /// The bytes of address space that are reserved for it.
    public let mapBytes: Int
    /// How many snapshots are open at the moment, in all processes, this one included.
    public let readers: Int
    /// How full the buckets are, substring by substring. Only where asked for.
    public let substringOccupancy: [Occupancy]?

    /// The same over all substrings of all segments.
    public var occupancy: [Int]? {
        substringOccupancy?.reduce(into: [0]) { sum, occupancy in
            for (bin, count) in occupancy.counts.enumerated() {
                if bin == sum.count { sum.append(0) }
                sum[bin] += count
            }
        }
    }

    /// The file's size by item, or that of the collection where it is one of several; 0 without items.
    public var bytesPerCode: Double {
        itemCount == 0 ? 0 : Double(collections > 1 ? collectionBytes : fileBytes) / Double(itemCount)
    }
}
