import LMDB

extension Store {
    /// Makes a new store of all that is whole in the collections of one that may be damaged. A collection of which nothing can be saved is
    /// told as lost.
    ///
    /// Only what has the checksum that it was written with is believed. The old file is read page by page without LMDB, which a damaged
    /// file could make crash, and it stays as it is. The index is made anew from the codes. Where the last commit cannot be found, the one before
    /// it is taken.
    ///
    /// - Parameters:
    ///   - path: The old store; nobody can write to it meanwhile.
    ///   - newPath: Where no file is yet.
    ///   - options: How the new store is opened.
    ///   - progress: What is told how many items are done and how many there are: for each collection the codes, then the payloads.
    /// - Returns: For each collection what was saved, and a line for everything that was not.
    /// - Throws: `HashDBError.storeNotFound`, `notAStore` or `damaged` if nothing can be saved; `unsupportedVersion`; `storeExists`; `busy` as
    ///   `damagedPages`; `diskFull`, `system`; what `progress` throws.
    public static func rebuild(
        _ path: String, to newPath: String, options: Options = Options(),
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> [RebuildReport] {
        try rebuilding(path, to: newPath, options, progress: progress)
    }

    /// The same, as long as `giveUp` does not throw, which is asked while others write, and while the index is made.
    static func rebuilding(
        _ path: String, to newPath: String, _ options: Options, giveUp: () throws -> Void = {},
        progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws -> [RebuildReport] {
        try HashDBError.translating {
            try PageFile.examine(path, within: options.busyTimeout, giveUp: giveUp) { file in
                guard !Environment.fileExists(newPath) else { throw HashDBError.storeExists(path: newPath) }
                // What is there and not ours others have made meanwhile.
                var isOurs = false
                do { return try rebuildCollections(of: file, to: newPath, options, giveUp, progress, &isOurs) } catch {
                    if isOurs { removeFiles(newPath) }
                    throw error
                }
            }
        }
    }

    /// Makes a new store of all that is whole in the collections of one that may be damaged; see the call that is not `async`.
    ///
    /// It runs on a thread of the library's own, and so does `progress`.
    /// - Throws: `CancellationError` if the task is cancelled before all is saved, and there is no file at `newPath` then; else as the call
    ///   that is not `async`.
    public static func rebuild(
        _ path: String, to newPath: String, options: Options = Options(),
        progress: @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) async throws -> [RebuildReport] {
        try await WorkThreads.files.run {
            try rebuilding(
                path, to: newPath, options, giveUp: Task.checkCancellation, progress: { try tell(progress, $0, $1) })
        }
    }

    private static func rebuildCollections(
        of file: PageFile, to newPath: String, _ options: Options, _ giveUp: () throws -> Void,
        _ progress: (_ done: Int, _ total: Int) throws -> Void, _ isMade: inout Bool
    ) throws -> [RebuildReport] {
        var reports: [RebuildReport] = []
        var failures: [HashDBError] = []
        for collection in Salvage.collections(in: file) {
            do {
                let salvage = try Salvage(collection, in: file)
                let store = try create(
                    at: newPath, collection: collection.text, bitWidth: salvage.header.bitWidth,
                    model: salvage.header.model, options: options)
                isMade = true
                reports.append(try salvage.fill(store, giveUp, progress))
            } catch HashDBError.notAStore {
                // What is left of a collection that was removed.
            } catch let error as HashDBError {
                guard case .damaged = error else { throw error }
                failures.append(error)
                reports.append(RebuildReport(collection: collection.text, losses: ["\(error)"]))
            }
        }
        if failures.count < reports.count { return reports }
        if let first = failures.first { throw first }
        let walk = PageWalk(file)
        walk.checkAll()
        guard let problem = walk.problems.first else {
            throw HashDBError.notAStore(path: file.path, reason: "it has no header")
        }
        throw HashDBError.damaged(
            path: file.path, part: "\(problem)", reason: "no collection can be found, so that nothing can be saved")
    }
}
