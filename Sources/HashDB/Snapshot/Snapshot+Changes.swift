extension Snapshot {
    /// Where the store is as of this snapshot; nil if its changes are not recorded (`Store.recordChanges()`).
    ///
    /// - Throws: `HashDBError.damaged`.
    public var position: StorePosition? {
        get throws { try log.position(state.header, transaction) }
    }

    /// What was touched since an earlier position of this store, so that whoever has derived something from it need not look at the rest.
    ///
    /// ```swift
    /// let changes = try store.read { try $0.changes(since: seen) }
    /// print(changes.ids, changes.attributes ?? [])
    /// ```
    ///
    /// The cost is that of reading a record for each commit since, of some bytes for each id that it touched.
    /// - Throws: `HashDBError.unknownPosition` if the records do not reach back to it, or if it is another store's; `damaged`.
    public func changes(since position: StorePosition) throws -> RecordedChanges {
        let changes = try log.changes(since: position, state.header, transaction)
        return RecordedChanges(
            position: StorePosition(commit: commitNumber, mark: changes.mark), ids: changes.ids.ranges,
            attributes: changes.attributes)
    }

    var log: ChangeLog { ChangeLog(databases: databases, path: path) }
}
