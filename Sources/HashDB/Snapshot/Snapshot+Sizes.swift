import LMDB

extension Snapshot {
    /// What the bytes of the file hold. The keys of all blocks are read, no block itself.
    ///
    /// - Complexity: O(b) for b blocks of the segments.
    /// - Throws: `HashDBError.damaged`.
    public func sizes() throws -> StoreSizes {
        var (rows, tables, deletions) = (0, 0, 0)
        try transaction.withCursor(databases.segments) { cursor in
            var entry = try cursor.first()
            while let (key, value) = entry {
                switch BlockKey(decoding: key)?.part {
                case .rows, .fence: rows += value.count
                case .tombstones, .deletions: deletions += value.count
                case .table: tables += value.count
                case nil: break
                }
                entry = try cursor.next()
            }
        }
        let delta = try transaction.byteCount(of: databases.delta)
        let payloads = try transaction.byteCount(of: databases.payloads)
        let attributes =
            try transaction.byteCount(of: databases.meta) + transaction.byteCount(of: databases.attributes)
        let known = rows + tables + deletions + delta + payloads + attributes
        return StoreSizes(
            rows: rows, tables: tables, deletions: deletions, delta: delta, payloads: payloads, attributes: attributes,
            rest: max(0, environment.usedBytes - known))
    }
}
