import LMDB

extension Store {
    /// The numbers of commits as they come, of this and of other processes.
    ///
    /// ```swift
    /// for try await commit in store.changes() {
    ///     print("commit \(commit)")
    ///     count = try await store.read { $0.count }  // a snapshot of this commit, or of a later one
    ///     if count == 3 { break }
    /// }
    /// ```
    ///
    /// The first number is that of the last commit, and comes at once, so that whoever looks at the store after it misses nothing. Then
    /// a number comes when there is another commit that changed an item or an attribute of this collection (`Snapshot.commitNumber`);
    /// of commits that follow each other faster than they are asked for, only the last. Commits of this process are seen at once, those
    /// of others within `interval`, for which the store is looked at as `read` does it: some microseconds each time, as soon as one of the
    /// threads for searches is free.
    ///
    /// The number that was told last comes again where it may stand for other contents: after a `receive` that replaced everything by those of a
    /// store with as many commits, where another file has taken the name of this one, and where changes begin or end to be recorded.
    ///
    /// The sequence ends when the task is cancelled. Each loop over it is by itself.
    /// - Parameters:
    ///   - commit: The number of a commit that is known already: the first number comes when another is the last. Who kept it while nobody
    ///     watched does not learn that the store was replaced meanwhile; `Snapshot.position` tells that.
    ///   - interval: How often to look for commits of other processes: each millisecond at most, and once a year at least.
    public func changes(after commit: UInt64? = nil, lookingEvery interval: Duration = .milliseconds(100)) -> Changes {
        Changes(store: self, known: commit, interval: interval)
    }

    /// The numbers of commits; see `Store.changes(after:lookingEvery:)`.
    public struct Changes: AsyncSequence, Sendable {
        let store: Store
        let known: UInt64?
        let interval: Duration

        /// An iterator that begins with the last commit.
        public func makeAsyncIterator() -> Iterator { Iterator(store: store, known: known, interval: interval) }

        /// What gives one number after the other.
        public struct Iterator: AsyncIteratorProtocol {
            let store: Store
            let known: UInt64?
            let interval: Duration
            var last: CommitSighting?

            /// The number of the last commit, once its contents may be others than before; nil if the task is cancelled.
            ///
            /// - Throws: As `Store.read`, but for `CancellationError`.
            public mutating func next() async throws -> UInt64? {
                while !Task.isCancelled {
                    let rings = store.environment.commits.rings
                    guard let commit = try await look() else { break }
                    let isNews = last.map { !commit.hasContents(of: $0) } ?? (commit.number != known)
                    last = commit
                    if isNews { return commit.number }
                    await store.environment.commits.wait(after: rings, atMost: interval)
                }
                return nil
            }

            /// nil if the task is cancelled.
            private func look() async throws -> CommitSighting? {
                let before = last
                do {
                    return try await store.searching { snapshot in
                        if let before, before.identity == snapshot.commitIdentity { return before }
                        return try CommitSighting(snapshot)
                    }
                } catch is CancellationError { return nil }
            }
        }
    }
}
