import LMDB

extension StoreWriter {
    /// Removes all items with their payloads, and a merge that is under way. Call before anything else of the transaction is written. Numbers of
    /// segments are not used again: caches know segments by them.
    func removeAllItems(_ header: inout StoreHeader, _ transaction: borrowing WriteTransaction) throws {
        let segments = header.segments + (header.merge.map { [$0.target] } ?? [])
        for segment in segments { try removeBlocks(ofSegment: segment.number, transaction) }
        for database in [databases.delta, databases.payloads] { try transaction.removeAll(in: database) }
        header.segments = []
        header.merge = nil
        header.deltaCount = 0
    }
}
