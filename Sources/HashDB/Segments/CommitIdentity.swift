/// Tells the commit that a snapshot sees from every other that the process may see in its store.
///
/// The number of a commit (`Snapshot.commitNumber`) does not: what replaces everything, or another file of the name, may have as many commits.
/// Who asks several snapshots for parts of one answer compares these.
package struct CommitIdentity: Equatable, Sendable {
    /// LMDB's number of the file's last commit, which those of other collections and of folds change too.
    let transactionNumber: Int
    /// Changes where the file does.
    let mapGeneration: Int
}
