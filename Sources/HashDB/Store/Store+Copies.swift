import LMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Store {
    /// Copies a store, all its collections as of one commit, to a new file. Others may read and write meanwhile.
    ///
    /// ```swift
    /// try Store.backup("photos.hashdb", to: "copy.hashdb")
    /// ```
    ///
    /// The copy is a store that can be opened. It is written beside `newPath`, under that name and `.hashdb-part`, waits until it is on the
    /// device, and only then gets its name. Its pages are checked, those of the index as well; what blocks hold is not, which
    /// `Snapshot.checkInvariants()` does. Pages that writers free meanwhile are used again only after the copy.
    ///
    /// - Parameters:
    ///   - path: The store.
    ///   - newPath: Where no file is yet.
    ///   - options: How it is opened, where it is not open in this process.
    ///   - progress: What is told how many bytes are done and how many there are, about once a megabyte; the whole again and again while the copy is
    ///     read back, after which it gets its name. What it throws ends the copy, of which nothing is left then.
    /// - Returns: What it came to.
    /// - Throws: `HashDBError.storeExists`, `damaged` where a page of the store is, `busy` if another process copies to the same place,
    ///   `diskFull`, `system`; as `open`; what `progress` throws. There is no file at `newPath` then.
    @discardableResult
    public static func backup(
        _ path: String, to newPath: String, options: Options = Options(),
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> CopyReport {
        try HashDBError.translating {
            try Environment.open(at: path, options: settings(options)).backUp(path, to: newPath, progress)
        }
    }

    /// Copies the open store, all the collections of its file as of one commit, to a new file, as `Store.backup(_:to:options:progress:)` does it by a
    /// path.
    ///
    /// - Parameters:
    ///   - newPath: Where no file is yet.
    ///   - progress: As there.
    /// - Returns: What it came to.
    /// - Throws: As there, but for what opening throws; `HashDBError.storeNotFound` where the store was removed.
    @discardableResult
    public func backup(
        to newPath: String, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> CopyReport {
        try HashDBError.translating { try environment.backUp(path, to: newPath, progress) }
    }

    /// Puts a copy without free pages in the place of a store, in one step, and so gives back their space.
    ///
    /// Writers wait until it is done. Readers go on with the old file until their snapshot ends; until the last of them has, its space is in use. The
    /// copy is written beside the store as `backup(_:to:options:progress:)` does it. Whenever the process is killed or the power goes, the store
    /// is the old or the new one, whole.
    ///
    /// - Parameters:
    ///   - path: The store. It must have no second name (hard link).
    ///   - options: How it is opened, and how long to wait for a writer.
    ///   - progress: As for `backup(_:to:options:progress:)`.
    /// - Returns: What it came to.
    /// - Throws: `HashDBError.busy`, `readOnly`, `damaged` where a page is, `diskFull`, `system`; as `open`; what `progress` throws. The
    ///   store is as before then.
    @discardableResult
    public static func compact(
        _ path: String, options: Options = Options(),
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> CopyReport {
        try compacting(path, options, progress: progress)
    }

    /// The same, as long as `giveUp` does not throw, which is asked while others write.
    static func compacting(
        _ path: String, _ options: Options, giveUp: () throws -> Void = {},
        progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws -> CopyReport {
        try HashDBError.translating {
            try Environment.open(at: path, options: settings(options))
                .compact(path, within: options.busyTimeout, giveUp, progress)
        }
    }

    /// Puts a copy without free pages in the place of the open store's file, in one step, as `Store.compact(_:options:progress:)` does it by a path.
    ///
    /// The store stays open, and goes on with the new file: the next call waits for the snapshots of this process that are open. For a
    /// writer it waits up to `Options.busyTimeout`.
    ///
    /// - Parameter progress: As for `backup(to:progress:)`.
    /// - Returns: What it came to.
    /// - Throws: As there, but for what opening throws; `HashDBError.storeNotFound` where the store was removed, `readOnly` also where it was opened for
    ///   reading only, `system` where it is a temporary one.
    @discardableResult
    public func compact(
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> CopyReport {
        try compacting(progress: progress)
    }

    /// The same, as long as `giveUp` does not throw, which is asked while others write.
    func compacting(
        giveUp: () throws -> Void = {}, progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws -> CopyReport {
        guard access == .readWrite else { throw HashDBError.readOnly(path: path) }
        guard !isTemporary else {
            let reason = "a temporary store cannot be compacted, as its file has no name; a backup has no free pages"
            throw HashDBError.system(path: path, code: Int(EINVAL), reason: reason)
        }
        return try HashDBError.translating {
            try environment.compact(path, within: busyTimeout, giveUp, progress)
        }
    }

    /// Throws unless a file with databases of these names has a collection.
    fileprivate static func checkIsStore(_ databases: [String], _ path: String) throws {
        guard databases.contains(where: { CollectionName(ofMeta: $0) != nil }) else { throw noCollection(path) }
    }
}

extension Environment {
    /// A copy, if it is one of a store.
    fileprivate func backUp(
        _ path: String, to newPath: String, _ progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws -> CopyReport {
        CopyReport(try backUp(to: newPath, check: { try Store.checkIsStore($0, path) }, progress: progress))
    }

    /// A copy in the place of the file, if it is one of a store.
    fileprivate func compact(
        _ path: String, within limit: Duration, _ giveUp: () throws -> Void,
        _ progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws -> CopyReport {
        CopyReport(
            try compact(
                within: limit, giveUp: giveUp, check: { try Store.checkIsStore($0, path) }, progress: progress))
    }
}

extension CopyReport {
    fileprivate init(_ outcome: Environment.CopyOutcome) {
        self.init(
            sourceBytes: outcome.oldBytes, bytes: outcome.newBytes, hasReplacedRemains: outcome.hasReplacedRemains)
    }
}
