import LMDB

/// Which rows of a row block are deleted: the one part of a segment that changes.
///
/// After the block header: a bit for each row of a full block, bit i mod 8 of byte i div 8.
enum TombstoneBlock {
    static func decode(
        _ block: UnsafeRawBufferPointer, _ segment: SegmentDescriptor, _ index: Int
    ) throws(BlockDamage) -> [UInt8] {
        let header = try BlockHeader.check(block, kind: .tombstones, segment: segment.number, index: index)
        let size = 1 << segment.rowBlockBits / 8
        guard block.count == BlockHeader.size + size else { throw BlockDamage("it does not fit the segment") }
        let bits = Array(block[BlockHeader.size...])
        let rows = segment.rows(inBlock: index)
        guard bits.reduce(0, { $0 + $1.nonzeroBitCount }) == header.count,
            !(rows..<8 * size).contains(where: { bits[bit: $0] })
        else { throw BlockDamage("its bits do not fit the segment") }
        return bits
    }

    static func encode(_ bits: [UInt8], segment: UInt64, index: Int) -> [UInt8] {
        let count = bits.reduce(0) { $0 + $1.nonzeroBitCount }
        var bytes = BlockHeader(kind: .tombstones, count: count, segment: segment, index: index).bytes + bits
        BlockHeader.seal(&bytes)
        return bytes
    }

    /// All the deleted rows of a segment, or nil where none are, and the checksums of the blocks that tell them.
    ///
    /// What `known`, the segment as of another commit, has of the same blocks is taken from there: most commits change few blocks.
    static func deletedRows(
        of segment: SegmentDescriptor, known: StoreState.SegmentView?,
        _ transaction: borrowing some ValueReader & ~Copyable, _ databases: Databases, path: String
    ) throws -> (rows: Bitmap?, checksums: [Int: UInt64]) {
        guard segment.tombstones > 0 else { return (nil, [:]) }
        func damaged(_ index: Int, _ reason: String) -> HashDBError {
            .damaged(path: path, part: "segment \(segment.number), tombstones, block \(index)", reason: reason)
        }
        var checksums: [Int: UInt64] = [:]
        let rows = try Bitmap(count: segment.rows) { words in
            var found = 0
            try transaction.withCursor(databases.segments) { cursor in
                let first = BlockKey(segment: segment.number, part: .tombstones, index: 0)
                var entry = try first.withBytes { try cursor.seek($0) }
                while let (place, value) = entry, let key = BlockKey(decoding: place), key.segment == segment.number,
                    key.part == .tombstones
                {
                    let index = key.index
                    guard index < segment.rowBlocks else { throw damaged(index, "it is past the last row") }
                    let start = index << segment.rowBlockBits / 8
                    let target = UnsafeMutableRawPointer(words) + start
                    let size = (segment.rows(inBlock: index) + 7) / 8
                    if let known, let old = known.deleted, value.count >= BlockHeader.size,
                        known.tombstoneChecksums[index] == value.number(at: 0, as: UInt64.self)
                    {
                        target.copyMemory(from: UnsafeRawPointer(old.words) + start, byteCount: size)
                        found += Int(value.number(at: 12, as: UInt32.self))
                    } else {
                        let bits: [UInt8]
                        do throws(BlockDamage) {
                            bits = try decode(value, segment, index)
                        } catch {
                            throw damaged(index, error.reason)
                        }
                        target.copyMemory(from: bits, byteCount: size)
                        found += bits.reduce(0) { $0 + $1.nonzeroBitCount }
                    }
                    checksums[index] = value.number(at: 0)
                    entry = try cursor.next()
                }
            }
            guard found == segment.tombstones else {
                throw damaged(0, "\(found) deleted rows instead of \(segment.tombstones)")
            }
        }
        return (rows, checksums)
    }
}
