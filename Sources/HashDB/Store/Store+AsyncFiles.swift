// The calls of `Store` that work on whole files, under their names for tasks.
//
// They run on threads of the library's own that no search waits for. Each is part of its task: when that is cancelled it throws
// `CancellationError`, also while it waits for a writer.
extension Store {
    /// Copies a store, all its collections as of one commit, to a new file; see the call that is not `async`.
    ///
    /// It runs on a thread of the library's own, and so does `progress`.
    /// - Throws: `CancellationError` if the task is cancelled before the copy is whole, and there is no file at `newPath` then; else as the
    ///   call that is not `async`.
    @discardableResult
    public static func backup(
        _ path: String, to newPath: String, options: Options = Options(),
        progress: @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) async throws -> CopyReport {
        try await WorkThreads.files.run {
            try backup(path, to: newPath, options: options, progress: { try tell(progress, $0, $1) })
        }
    }

    /// Puts a copy without free pages in the place of a store, in one step; see the call that is not `async`.
    ///
    /// It runs as `backup` does.
    /// - Throws: `CancellationError` if the task is cancelled before the copy is whole, and the store is as before then; else as the call that is
    ///   not `async`.
    @discardableResult
    public static func compact(
        _ path: String, options: Options = Options(),
        progress: @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) async throws -> CopyReport {
        try await WorkThreads.files.run {
            try compacting(
                path, options, giveUp: Task.checkCancellation, progress: { try tell(progress, $0, $1) })
        }
    }

    /// Copies the open store, all the collections of its file as of one commit, to a new file; see the call that is not `async`.
    ///
    /// It runs on a thread of the library's own, and so does `progress`.
    /// - Throws: `CancellationError` if the task is cancelled before the copy is whole, and there is no file at `newPath` then; else as the
    ///   call that is not `async`.
    @discardableResult
    public func backup(
        to newPath: String, progress: @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) async throws -> CopyReport {
        try await WorkThreads.files.run {
            try self.backup(to: newPath, progress: { try Self.tell(progress, $0, $1) })
        }
    }

    /// Puts a copy without free pages in the place of the open store's file, in one step; see the call that is not `async`.
    ///
    /// It runs as `backup` does.
    /// - Throws: `CancellationError` if the task is cancelled before the copy is whole, and the store is as before then; else as the call that is
    ///   not `async`.
    @discardableResult
    public func compact(
        progress: @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) async throws -> CopyReport {
        try await WorkThreads.files.run {
            try self.compacting(giveUp: Task.checkCancellation, progress: { try Self.tell(progress, $0, $1) })
        }
    }

    /// Removes a collection with all that it holds; see the call that is not `async`.
    ///
    /// It runs as `backup` does.
    /// - Throws: `CancellationError` if the task is cancelled while others write; else as the call that is not `async`.
    public static func removeCollection(_ name: String, at path: String, options: Options = Options()) async throws {
        try await WorkThreads.files.run {
            try removingCollection(name, at: path, options, giveUp: Task.checkCancellation)
        }
    }

    /// Tells how far it is, unless the task is cancelled.
    static func tell(
        _ progress: (_ done: Int, _ total: Int) throws -> Void, _ done: Int, _ total: Int
    ) throws {
        try Task.checkCancellation()
        try progress(done, total)
    }
}
