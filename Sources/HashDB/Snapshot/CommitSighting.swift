/// A commit as somebody found it, with what tells its contents from those of others of the same number.
///
/// Who keeps what was derived from a commit compares these: unlike its identity, they are the same after a fold, and after a commit of another
/// collection.
package struct CommitSighting: Sendable {
    package let number: UInt64
    let identity: CommitIdentity
    /// That of its position; nil where changes are not recorded.
    private let mark: UInt64?

    package init(_ snapshot: borrowing Snapshot) throws {
        number = snapshot.commitNumber
        identity = snapshot.commitIdentity
        mark = try snapshot.position?.mark
    }

    /// Whether the contents are those of an earlier sighting. Within one file the mark is another after each `receive` that replaced what there
    /// was, unless recording was ended before anybody looked; and a position is that of the same contents in any file.
    package func hasContents(of earlier: CommitSighting) -> Bool {
        number == earlier.number && mark == earlier.mark
            && (mark != nil || identity.mapGeneration == earlier.identity.mapGeneration)
    }
}
