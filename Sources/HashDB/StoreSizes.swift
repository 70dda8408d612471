import LMDB

/// The bytes of a store's file by what they hold.
public struct StoreSizes: Hashable, Sendable, Codable {
    /// Ids and codes of the segments, in the order of ids.
    public let rows: Int
    /// The segments' tables: the buckets of all substrings.
    public let tables: Int
    /// What tells which items of the segments are deleted.
    public let deletions: Int
    /// The newest items, which are in no segment yet.
    public let delta: Int
    /// What is kept beside the codes.
    public let payloads: Int
    /// The header, and what programs keep beside the items.
    public let attributes: Int
    /// Free pages, the ends of pages, the trees that lead to the blocks, and the other collections of the file.
    public let rest: Int

    /// The file's size.
    public var file: Int { rows + tables + deletions + delta + payloads + attributes + rest }
}

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
