// The calls of `Store` under their names for tasks. Where Swift can choose, it takes these within an `async` function, and the others elsewhere.
extension Store {
    /// Runs `body` on a snapshot of the last commit, on a thread of the library's own.
    ///
    /// Threads that tasks share are never blocked, however long `body` takes, and neither are the library's own searches, such as
    /// `nearest(to:count:among:plan:)`, which have threads of their own. Of `body`s at least 64 run at a time, for all stores together; more wait.
    /// `body` is part of the task: searches and walks in it end when the task is cancelled, which they look for between blocks of codes
    /// and every some hundred items, and the snapshot with them. The store stays of use.
    /// - Throws: `CancellationError` if the task is cancelled before `body` begins, or within a search or a walk; `HashDBError.damaged`,
    ///   `system`; `storeNotFound` or `collectionRemoved` where it was removed; what `body` throws.
    public func read<R: Sendable>(_ body: @Sendable (borrowing Snapshot) throws -> R) async throws -> R {
        try await WorkThreads.reading.run { try self.reading(body) }
    }

    /// The `count` items nearest to a code in a snapshot of the last commit; see `Snapshot.nearest(to:count:among:plan:)`.
    ///
    /// It runs on one of as many threads of the library's own as there are processor cores, for all stores together.
    /// - Throws: As `Snapshot.nearest(to:count:among:plan:)` and as `read`; `CancellationError` if the task is cancelled.
    public func nearest(
        to code: BinaryCode, count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) async throws -> [Match] {
        try await searching { try $0.nearest(to: code, count: count, among: filter, plan: plan) }
    }

    /// The `count` items nearest to a code of those within `radius` bits of it in a snapshot of the last commit; see
    /// `Snapshot.nearest(to:count:within:among:plan:)`.
    ///
    /// It runs as `nearest(to:count:among:plan:)` does.
    /// - Throws: As `Snapshot.nearest(to:count:within:among:plan:)` and as `read`; `CancellationError` if the task is cancelled.
    public func nearest(
        to code: BinaryCode, count: Int, within radius: Int, among filter: ItemFilter = .all,
        plan: QueryPlan = .automatic
    ) async throws -> [Match] {
        try await searching { try $0.nearest(to: code, count: count, within: radius, among: filter, plan: plan) }
    }

    /// All items within `radius` bits of a code in a snapshot of the last commit; see `Snapshot.within(radius:of:among:plan:)`.
    ///
    /// It runs as `nearest(to:count:among:plan:)` does.
    /// - Throws: As `Snapshot.within(radius:of:among:plan:)` and as `read`; `CancellationError` if the task is cancelled.
    public func within(
        radius: Int, of code: BinaryCode, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) async throws -> [Match] {
        try await searching { try $0.within(radius: radius, of: code, among: filter, plan: plan) }
    }

    /// Runs a search, or whatever else of the library's own ends before long.
    func searching<R: Sendable>(_ search: @Sendable (borrowing Snapshot) throws -> R) async throws -> R {
        try await WorkThreads.searching.run { try self.reading(search) }
    }

    /// Runs `body` and commits what it did as one transaction; if it throws, or the task is cancelled before the commit, nothing is changed.
    ///
    /// It runs on a thread of the store's own, where the writes of one `Store` go one after the other in the order of the calls. To wait for
    /// these and for writers of other processes, up to `Options.busyTimeout` in all, ends with the task.
    /// - Throws: `CancellationError` if the task is cancelled before the commit; else as the call that is not `async`. `HashDBError.busy` if those
    ///   before it take longer than `Options.busyTimeout`, too.
    @discardableResult
    public func write<R: Sendable>(_ body: @Sendable (inout Transaction) throws -> R) async throws -> R {
        try await queueingToWrite { try self.writing(within: $0, giveUp: Task.checkCancellation, body) }
    }

    /// Runs `body` and makes all the codes that it gave to the loader part of the store at once; if it throws, or the task is cancelled
    /// before all is loaded, nothing is changed.
    ///
    /// It runs as `write` does. To make segments of what was given, which may take longer than `body`, ends with the task, too.
    /// - Throws: As `write`.
    @discardableResult
    public func bulkLoad<R: Sendable>(_ body: @Sendable (inout BulkLoader) throws -> R) async throws -> R {
        try await queueingToWrite { try self.loading(within: $0, giveUp: Task.checkCancellation, body) }
    }

    /// Runs `body`, part of the task, on the thread of the store's writes, for which it waits up to `Options.busyTimeout`.
    package func onWritingThread<R: Sendable>(_ body: @Sendable () throws -> R) async throws -> R {
        try await queueingToWrite { _ in try body() }
    }

    /// The same for one write: `body` gets what is left of the time for which it may wait for other writers.
    func queueingToWrite<R: Sendable>(_ body: @Sendable (_ limit: Duration) throws -> R) async throws -> R {
        let end = ContinuousClock.now + busyTimeout
        return try await writingThread.run(by: .init(time: end, error: .busy(path: path))) {
            try body(ContinuousClock.now.duration(to: end))
        }
    }

    /// From now on records what each commit touches; see the call that is not `async`.
    ///
    /// It runs as `write` does.
    /// - Throws: As `write`.
    public func recordChanges() async throws {
        try await queueingToWrite { try self.recording(true, within: $0, giveUp: Task.checkCancellation) }
    }

    /// Ends to record changes, and removes what is recorded.
    ///
    /// It runs as `write` does.
    /// - Throws: As `write`.
    public func stopRecordingChanges() async throws {
        try await queueingToWrite { try self.recording(false, within: $0, giveUp: Task.checkCancellation) }
    }

    /// Merges everything into one segment and leaves out what is deleted, on the thread of the store's writes.
    ///
    /// - Throws: `CancellationError` if the task is cancelled before it begins; else as `write`.
    public func fold() async throws {
        try await queueingToWrite { try self.folding(within: $0, giveUp: Task.checkCancellation) }
    }
}
