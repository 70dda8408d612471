import LMDB

/// Collects deletions of rows and writes the tombstone blocks that they change.
struct TombstoneEditor {
    private struct BlockID: Hashable {
        let segment: UInt64
        let index: Int
    }
    private var blocks: [BlockID: [UInt8]] = [:]
    private var counts: [UInt64: Int] = [:]
    /// Ids whose rows are deleted in segments that are being merged.
    private var idsBeingMerged: [UInt64] = []

    /// Marks a row that is not deleted yet.
    mutating func delete(
        row: Int, id rowID: UInt64, of segment: SegmentDescriptor, _ transaction: borrowing WriteTransaction,
        _ databases: Databases,
        path: String
    ) throws {
        let id = BlockID(segment: segment.number, index: row >> segment.rowBlockBits)
        var bits = try blocks[id] ?? load(id, segment, transaction, databases, path)
        blocks[id] = nil  // so that the bits are changed in place
        bits[bit: row & (1 << segment.rowBlockBits - 1)] = true
        blocks[id] = bits
        counts[segment.number, default: 0] += 1
        if segment.isBeingMerged { idsBeingMerged.append(rowID) }
    }

    /// Whether this editor or an earlier commit has deleted the row.
    func isDeleted(row: Int, of view: StoreState.SegmentView) -> Bool {
        if view.deleted?[row] == true { return true }
        let id = BlockID(segment: view.descriptor.number, index: row >> view.descriptor.rowBlockBits)
        return blocks[id]?[bit: row & (1 << view.descriptor.rowBlockBits - 1)] == true
    }

    /// Writes what has changed, and counts it in the header.
    func write(to transaction: borrowing WriteTransaction, _ databases: Databases, header: inout StoreHeader) throws {
        for (id, bits) in blocks {
            let value = TombstoneBlock.encode(bits, segment: id.segment, index: id.index)
            try BlockKey(segment: id.segment, part: .tombstones, index: id.index).withBytes { key in
                try value.withUnsafeBytes { try transaction.set(key, to: $0, in: databases.segments) }
            }
        }
        for index in header.segments.indices {
            guard let count = counts[header.segments[index].number] else { continue }
            header.segments[index].tombstones += count
            header.segments[index].tombstoneCommit = header.commit
        }
        try writeDeletions(to: transaction, databases, header: &header)
    }

    /// Tells the merge under way what is deleted that it has copied already.
    private func writeDeletions(
        to transaction: borrowing WriteTransaction, _ databases: Databases, header: inout StoreHeader
    )
        throws
    {
        guard var merge = header.merge else { return }
        let ids = idsBeingMerged.filter { $0 <= merge.target.lastID }
        let segment = merge.target.number
        for start in stride(from: 0, to: ids.count, by: DeletionBlock.capacity) {
            let slice = ids[start..<min(start + DeletionBlock.capacity, ids.count)]
            let value = DeletionBlock.encode(slice, segment: segment, index: merge.deletionBlocks)
            try BlockKey(segment: segment, part: .deletions, index: merge.deletionBlocks).withBytes { key in
                try value.withUnsafeBytes { try transaction.set(key, to: $0, in: databases.segments) }
            }
            merge.deletionBlocks += 1
        }
        header.merge = merge
    }

    private func load(
        _ id: BlockID, _ segment: SegmentDescriptor, _ transaction: borrowing WriteTransaction, _ databases: Databases,
        _ path: String
    ) throws -> [UInt8] {
        let key = BlockKey(segment: id.segment, part: .tombstones, index: id.index)
        guard let value = try key.withBytes({ try transaction.value(of: $0, in: databases.segments) }) else {
            return [UInt8](repeating: 0, count: 1 << segment.rowBlockBits / 8)
        }
        do {
            return try TombstoneBlock.decode(value, segment, id.index)
        } catch {
            throw HashDBError.damaged(
                path: path, part: "segment \(id.segment), tombstones, block \(id.index)", reason: error.reason)
        }
    }
}
