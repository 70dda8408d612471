import LMDB

extension Store {
    /// Runs `body` and commits what it did as one transaction; if it throws, nothing is changed.
    ///
    /// Writers, also those of other processes, go one at a time. When many new items have gathered they are then folded into the index, in
    /// the same call but after the commit; segments of the index are merged little by little, some after each commit.
    ///
    /// `body` is one writer: what it writes goes through its transaction. Whatever else would write to the file within it, its other
    /// collections included, or keep others from writing, as `rebuild` and `damagedPages`, throws `nestedWrite` at once, for it would wait for itself.
    /// A write of another file may be within it; where their closures exchange the two transactions (`swap`), both throw `system`, and nothing is
    /// changed.
    /// - Throws: `HashDBError.busy` if another writer takes longer than `Options.busyTimeout`; `nestedWrite`, `readOnly`, `diskFull`, `damaged`, `system`;
    ///   `storeNotFound` or `collectionRemoved` where it was removed; what `body` throws.
    @discardableResult
    public func write<R>(_ body: (inout Transaction) throws -> R) throws -> R {
        try writing(body)
    }

    /// The same, waiting for other writers for at most `limit` (nil: `busyTimeout`), and as long as `giveUp` does not throw, which is asked while
    /// others write and before the commit.
    func writing<R>(
        within limit: Duration? = nil, giveUp: () throws -> Void = {}, _ body: (inout Transaction) throws -> R
    ) throws -> R {
        try asWriter(within: limit, giveUp: giveUp) { writer in
            let (result, changes, state) = try withSnapshot { snapshot in
                let state = snapshot.state
                var transaction = Transaction(on: snapshot)
                let identity = transaction.identity
                let result = try body(&transaction)
                try transaction.identity.check(isOf: identity, path: path)
                return (result, transaction.changes, state)
            }
            try giveUp()
            guard !changes.isEmpty else { return result }
            try writer.commit(changes, to: state)
            tidying { try writer.tidy(currentState) }
            return result
        }
    }

    /// Runs `body` and makes all the codes that it gave to the loader part of the store at once; if it throws, nothing is changed.
    ///
    /// - Throws: As `write`.
    @discardableResult
    public func bulkLoad<R>(_ body: (inout BulkLoader) throws -> R) throws -> R {
        try loading(body)
    }

    /// The same, waiting for other writers for at most `limit` (nil: `busyTimeout`), and as long as `giveUp` does not throw, which is asked while
    /// others write, while the loaded codes become segments, and before all is published. Tests load in shorter runs than usual.
    package func loading<R>(
        runLength: Int? = nil, within limit: Duration? = nil, giveUp: () throws -> Void = {},
        _ body: (inout BulkLoader) throws -> R
    ) throws -> R {
        try asWriter(within: limit, giveUp: giveUp) { writer in
            let state = try withSnapshot { $0.state }
            do {
                var loader = BulkLoader(writer, state.header, runLength: runLength)
                let identity = loader.identity
                let result = try body(&loader)
                try loader.identity.check(isOf: identity, path: path)
                try giveUp()
                try loader.finish(state, giveUp: giveUp)
                tidying { try writer.tidyAll(currentState) }
                return result
            } catch {
                try? writer.removeUnfinishedSegments()
                throw error
            }
        }
    }

    /// Merges everything into one segment and leaves out what is deleted, which makes queries as fast as can be.
    ///
    /// It happens by itself, little by little, as a store grows.
    /// - Throws: As `write`.
    public func fold() throws {
        try folding()
    }

    func folding(within limit: Duration? = nil, giveUp: () throws -> Void = {}) throws {
        try asWriter(within: limit, giveUp: giveUp) { try $0.foldAll(currentState) }
    }

    func asWriter<R>(
        within limit: Duration? = nil, giveUp: () throws -> Void = {}, _ body: (StoreWriter) throws -> R
    ) throws -> R {
        guard access == .readWrite else { throw HashDBError.readOnly(path: path) }
        return try HashDBError.translating {
            try environment.asWriter(within: limit ?? busyTimeout, giveUp: giveUp) {
                let writer = StoreWriter(
                    environment: environment, databases: try withSnapshot { $0.databases }, path: place,
                    folding: foldSettings)
                try writer.removeUnfinishedSegments()
                return try body(writer)
            }
        }
    }

    /// The commit before is acknowledged whatever becomes of this: what fails is tried again after the next, and damage shows to whoever reads
    /// or folds.
    func tidying(_ body: () throws -> Void) {
        try? body()
    }

    func currentState() throws -> StoreState { try withSnapshot { $0.state } }
}
