import CHamming
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
        isLookedUp = substring > 0 && segment.cut.cut.pointee.complete == 1
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
        guard isLookedUp else { return block.rows(at: position) }
        let rows = try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { code in
            let address = code.baseAddress.unsafelyUnwrapped
            hamming_restore(segment.cut.cut, UInt32(substring), UInt32(bucket), block.entry(at: position), address)
            return try segment.rows(ofCode: address, transaction)
        }
        remembered[place] = (key, rows)
        return rows
    }
}
