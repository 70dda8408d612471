/// How far a merge has come that goes on over several commits: what the header says of it.
///
/// Its sources are the segments that are marked as being merged. Readers go on searching them, and never see the target until it takes
/// their place.
struct MergeRecord: Equatable, Sendable {
    static let size = 80

    /// What is in the store of the target. Until all rows are, its last id is the last that was copied, and it has no tables.
    var target: SegmentDescriptor
    var hasAllRows = false
    /// Where the tables go on.
    var next = TablePosition()
    /// Blocks that name ids whose rows were deleted in a source after they had been copied.
    var deletionBlocks = 0

    init(target: SegmentDescriptor) { self.target = target }

    func append(to bytes: inout [UInt8]) {
        target.append(to: &bytes)
        for number in [hasAllRows ? 1 : 0, next.substring, next.shard, deletionBlocks] {
            bytes.append(number: UInt32(number))
        }
    }

    /// Nil if the parts do not fit together.
    init?(decoding bytes: UnsafeRawBufferPointer, shape: CodeShape) {
        let start = UnsafeRawBufferPointer(rebasing: bytes[..<SegmentDescriptor.size])
        guard let target = SegmentDescriptor(decoding: start, shape: shape) else { return nil }
        self.target = target
        let numbers = (0..<4).map { Int(bytes.number(at: SegmentDescriptor.size + 4 * $0, as: UInt32.self)) }
        hasAllRows = numbers[0] == 1
        next = TablePosition(substring: numbers[1], shard: numbers[2])
        deletionBlocks = numbers[3]
        guard numbers[0] <= 1, deletionBlocks <= Int32.max,
            hasAllRows || target.rows == target.rowBlocks << target.rowBlockBits,
            next == TablePosition() || hasAllRows && next.substring < target.substrings && next.shard < target.shards
        else { return nil }
    }
}

/// A shard of a table.
struct TablePosition: Equatable, Sendable {
    var substring = 0
    var shard = 0
}

/// The ids in a merge's target that are to be deleted when it takes the place of its sources.
///
/// After the block header: the ids, 8 bytes each.
enum DeletionBlock {
    static let capacity = 1 << 16

    static func encode(_ ids: ArraySlice<UInt64>, segment: UInt64, index: Int) -> [UInt8] {
        var bytes = BlockHeader(kind: .deletions, count: ids.count, segment: segment, index: index).bytes
        for id in ids { bytes.append(number: id) }
        BlockHeader.seal(&bytes)
        return bytes
    }

    static func decode(_ block: UnsafeRawBufferPointer, segment: UInt64, index: Int) throws(BlockDamage) -> [UInt64] {
        let header = try BlockHeader.check(block, kind: .deletions, segment: segment, index: index)
        guard block.count == BlockHeader.size + 8 * header.count else { throw BlockDamage("its size is wrong") }
        return (0..<header.count).map { block.number(at: BlockHeader.size + 8 * $0) }
    }
}
