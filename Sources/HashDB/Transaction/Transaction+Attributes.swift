extension Transaction {
    /// Calls `body` on the attributes whose keys begin with a prefix, in the order of the keys' bytes, until it returns false: on the
    /// attributes as they are by now, with all changes that the transaction has made.
    ///
    /// - Parameters:
    ///   - prefix: At most 400 bytes of UTF-8; empty for all attributes.
    ///   - body: Gets a key and its value, and tells whether to go on.
    /// - Complexity: That of `Snapshot.forEachAttribute(withPrefix:_:)`, and O(c log c) for c attributes that the transaction has changed.
    /// - Throws: As `Snapshot.forEachAttribute(withPrefix:_:)`.
    public func forEachAttribute(withPrefix prefix: String, _ body: (String, [UInt8]) throws -> Bool) throws {
        let changed = changes.attributes.filter { $0.key.bytes.starts(with: prefix.utf8) }
            .sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
        var next = 0
        /// Those that were changed and come before a key.
        func tellChanged(before end: [UInt8]?) throws -> Bool {
            while next < changed.count, end.map({ changed[next].key.bytes.lexicographicallyPrecedes($0) }) ?? true {
                let (key, value) = changed[next]
                next += 1
                if let value, try !body(key.text, value) { return false }
            }
            return true
        }
        var goesOn = true
        try base.forEachAttribute(withPrefix: prefix) { key, value in
            let bytes = Array(key.utf8)
            goesOn = try tellChanged(before: bytes)
            // What it has become is told before the next one.
            let isChanged = next < changed.count && changed[next].key.bytes == bytes
            if goesOn, !isChanged { goesOn = try body(key, value) }
            return goesOn
        }
        if goesOn { _ = try tellChanged(before: nil) }
    }
}
