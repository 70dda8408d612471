import LMDB

extension Snapshot {
    /// Calls `body` on the attributes whose keys begin with a prefix, in the order of the keys' bytes, until it returns false.
    ///
    /// - Parameters:
    ///   - prefix: At most 400 bytes of UTF-8; empty for all attributes.
    ///   - body: Gets a key and its value, and tells whether to go on.
    /// - Complexity: O(log a) for a attributes, and O(b) for b bytes of those that `body` gets.
    /// - Throws: `HashDBError.damaged`, `invalidName`; `CancellationError` if the task is cancelled; what `body` throws.
    public func forEachAttribute(withPrefix prefix: String, _ body: (String, [UInt8]) throws -> Bool) throws {
        var cancellation = CancellationCheck()
        try walkAttributes(withPrefix: prefix) { key, value in
            try cancellation.step()
            return try body(key, value)
        }
    }

    /// The same, also if the task is cancelled, as a writer that is not `async` wants it.
    func walkAttributes(withPrefix prefix: String, _ body: (String, [UInt8]) throws -> Bool) throws {
        if !prefix.isEmpty { try AttributeKey.check(prefix) }
        let start = Array(prefix.utf8)
        try transaction.withCursor(databases.attributes) { cursor in
            var entry = start.isEmpty ? try cursor.first() : try start.withUnsafeBytes { try cursor.seek($0) }
            while let found = entry, found.key.starts(with: start) {
                let key = String(decoding: found.key, as: UTF8.self)
                guard let value = CheckedValue.decode(found.value, under: found.key) else {
                    throw HashDBError.damaged(
                        path: path, part: "attribute \(key)", reason: "its checksum does not match")
                }
                guard try body(key, value) else { return }
                entry = try cursor.next()
            }
        }
    }
}
