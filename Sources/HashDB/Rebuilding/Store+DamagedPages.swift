import LMDB

extension Store {
    /// Looks at every page of a store's file and at how they hang together, without LMDB, which a damaged file could make crash.
    ///
    /// What pages hold is for `Snapshot.checkInvariants()` to look at, where they are found right.
    /// - Parameters:
    ///   - path: The store.
    ///   - options: How long to wait for a writer.
    ///   - progress: What is told how many bytes were looked at, of how many at most. What it throws ends the look.
    /// - Returns: A line for each page that is damaged; none, if LMDB can read the file.
    /// - Throws: `HashDBError.storeNotFound`, `notAStore`, `busy` where somebody writes for longer than `Options.busyTimeout`, and at once within
    ///   a write of one's own; `system`; what `progress` throws.
    public static func damagedPages(
        at path: String, options: Options = Options(),
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> [String] {
        try findingDamagedPages(at: path, options, progress: progress)
    }

    /// The same, as long as `giveUp` does not throw, which is asked while others write.
    static func findingDamagedPages(
        at path: String, _ options: Options, giveUp: () throws -> Void = {},
        progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws -> [String] {
        try HashDBError.translating {
            try PageFile.examine(path, within: options.busyTimeout, giveUp: giveUp) { file in
                let walk = PageWalk(file)
                try walk.checkAll(progress)
                return walk.problems.map(\.description)
            }
        }
    }

    /// Looks at every page of a store's file and at how they hang together; see the call that is not `async`.
    ///
    /// It runs on a thread of the library's own, and so does `progress`.
    /// - Throws: `CancellationError` if the task is cancelled; else as the call that is not `async`.
    public static func damagedPages(
        at path: String, options: Options = Options(),
        progress: @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) async throws -> [String] {
        try await WorkThreads.files.run {
            try findingDamagedPages(
                at: path, options, giveUp: Task.checkCancellation, progress: { try tell(progress, $0, $1) })
        }
    }
}
