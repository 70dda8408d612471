import LMDB

/// The rows of a table's entries. Where only the table of substring 0 knows them they are looked up there, and the last ones are remembered:
/// an entry that has one neighbour often has more.
struct EntryRows {
    private let segment: Segment
    private let substring: Int
    private let isLookedUp: Bool
    private var remembered: [(key: Int, rows: BucketBlock.RowList)?]

    init(_ segment: Segment, substring: Int) {
        self.segment = segment
        self.substring = substring
        isLookedUp = substring > 0 && segment.descriptor.isComplete(segment.shape)
        remembered = Array(repeating: nil, count: isLookedUp ? 1 << 12 : 0)
    }

    /// - Parameter position: The entry's place in the block of the bucket's shard.
    mutating func rows(
        ofEntry position: Int, inBucket bucket: Int, _ transaction: borrowing ReadTransaction
    ) throws -> BucketBlock.RowList {
        let shard = bucket >> segment.descriptor.shardBits
        let key = shard << 32 | position
        let place = (shard &* 0x9E37 ^ position) & 0xFFF
        if isLookedUp, let known = remembered[place], known.key == key { return known.rows }
        let block = try segment.bucketBlock(shard, ofSubstring: substring, transaction)
        let rows = try segment.rows(ofEntry: position, in: block, substring, bucket, transaction)
        if isLookedUp { remembered[place] = (key, rows) }
        return rows
    }
}
