import CHamming
import LMDB

/// The codes of a segment that share the value of a substring, for looking at the index itself.
public struct Bucket: Hashable, Sendable {
    /// The segment's number.
    public let segment: UInt64
    /// The substring's number, from 0.
    public let substring: Int
    /// The first bit of the substring, and how many it has.
    public let bits: Range<Int>
    /// The value of the substring.
    public let value: Int
    /// The ids and codes, in the order of ids. Deleted ones that no fold has left out yet are not among them.
    public let items: [Item]
}

extension Snapshot {
    /// Calls `body` on every bucket that holds an item, segment by segment, substring by substring, in the order of values, until it
    /// returns false.
    ///
    /// The delta is in no bucket.
    /// - Parameter body: What to do with a bucket. Returns whether to go on.
    /// - Complexity: O(m·n) for m substrings, and what ordering each bucket by id takes.
    /// - Throws: `HashDBError.damaged`; `CancellationError` if the task is cancelled; what `body` throws.
    public func forEachBucket(_ body: (Bucket) throws -> Bool) throws {
        let shape = state.header.shape
        var cancellation = CancellationCheck()
        try forEachBucket { index, substring, value, positions, block in
            let view = state.segments[index]
            var items: [Item] = []
            for position in positions {
                for row in try view.segment.rows(at: position, in: block, substring, value, transaction)
                where view.deleted?[row] != true {
                    try cancellation.step()
                    items.append(
                        Item(
                            id: try view.segment.id(ofRow: row, transaction),
                            code: try view.segment.code(ofRow: row, transaction)))
                }
            }
            items.sort { $0.id < $1.id }
            guard !items.isEmpty else { return true }
            let start = view.descriptor.start(ofSubstring: substring, shape)
            return try body(
                Bucket(
                    segment: view.descriptor.number, substring: substring,
                    bits: start..<start + view.descriptor.substringBits,
                    value: value, items: items))
        }
    }

    /// Calls `body` on every bucket, until it returns false or the task is cancelled: the index of its segment, its substring, its value, and
    /// where its codes lie in a block.
    func forEachBucket(_ body: (Int, Int, Int, Range<Int>, BucketBlock) throws -> Bool) throws {
        var cancellation = CancellationCheck()
        for (index, view) in state.segments.enumerated() {
            let descriptor = view.descriptor
            for substring in 0..<descriptor.substrings {
                for shard in 0..<descriptor.shards {
                    let block = try view.segment.bucketBlock(shard, ofSubstring: substring, transaction)
                    for bucket in 0..<1 << descriptor.shardBits {
                        try cancellation.step()
                        let value = shard << descriptor.shardBits | bucket
                        let positions = block.positions(ofBucket: bucket)
                        guard try body(index, substring, value, positions, block) else { return }
                    }
                }
            }
        }
    }
}

extension Segment {
    /// The rows of an entry of a bucket, ascending.
    func rows(
        at position: Int, in block: BucketBlock, _ substring: Int, _ value: Int,
        _ transaction: borrowing ReadTransaction
    ) throws -> [Int] {
        guard substring > 0, descriptor.isComplete(shape) else { return block.rows(at: position).map { Int($0) } }
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { code in
            let address = code.baseAddress.unsafelyUnwrapped
            hamming_restore(cut.cut, UInt32(substring), UInt32(value), block.entry(at: position), address)
            return try rows(ofCode: address, transaction).map { Int($0) }
        }
    }
}
