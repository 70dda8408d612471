extension Store {
    /// From now on records what each commit touches, so that `Snapshot.changes(since:)` and `Snapshot.ship(after:to:)` can tell; does nothing
    /// where that is done already.
    ///
    /// A record takes some bytes for each id that the commit touched. Of records the store keeps 64 MiB, and leaves out the oldest. A copy
    /// (`Store.backup(_:to:options:progress:)`) is at the position of the store, and can follow it. Where a program of an earlier version writes
    /// to the store, recording ends.
    /// - Throws: As `write`.
    public func recordChanges() throws { try recording(true) }

    /// Ends to record changes, and removes what is recorded.
    ///
    /// - Throws: As `write`.
    public func stopRecordingChanges() throws { try recording(false) }

    /// Begins or ends it, as long as `giveUp` does not throw, which is asked while others write.
    func recording(_ records: Bool, within limit: Duration? = nil, giveUp: () throws -> Void = {}) throws {
        try asWriter(within: limit, giveUp: giveUp) { writer in
            try writer.changeHeader { header, transaction in
                if !records {
                    try writer.log.end(&header, transaction)
                } else if !header.recordsChanges {
                    try writer.log.begin(&header, transaction)
                }
            }
        }
    }
}
