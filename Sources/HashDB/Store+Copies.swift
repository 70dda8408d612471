import LMDB

/// What a copy of a store came to.
public struct CopyReport: Hashable, Sendable, Codable {
    /// The size in bytes of the file that was copied, free pages among them.
    public let sourceBytes: Int
    /// The size in bytes of the copy, which has none.
    public let bytes: Int
    /// Whether an unfinished copy was removed that a killed process had left.
    public let hasReplacedRemains: Bool
}

extension Store {
    /// How much of a copy is done, and how much there is, in bytes; the whole again and again while the copy is read back, after which it gets
    /// its name. What it throws ends the copy, of which nothing is left then.
    public typealias CopyProgress = (_ done: Int, _ total: Int) throws -> Void

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
    ///   - progress: What is told how far it is, about once a megabyte.
    /// - Returns: What it came to.
    /// - Throws: `HashDBError.storeExists`, `damaged` where a page of the store is, `busy` if another process copies to the same place,
    ///   `diskFull`, `system`; as `open`; what `progress` throws. There is no file at `newPath` then.
    @discardableResult
    public static func backup(
        _ path: String, to newPath: String, options: Options = Options(),
        progress: @escaping CopyProgress = { _, _ in }
    ) throws -> CopyReport {
        try HashDBError.translating {
            let environment = try Environment.open(at: path, options: settings(options))
            return CopyReport(
                try environment.backUp(to: newPath, check: { try checkIsStore($0, path) }, progress: progress))
        }
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
    ///   - progress: What is told how far it is, about once a megabyte.
    /// - Returns: What it came to.
    /// - Throws: `HashDBError.busy`, `readOnly`, `damaged` where a page is, `diskFull`, `system`; as `open`; what `progress` throws. The
    ///   store is as before then.
    @discardableResult
    public static func compact(
        _ path: String, options: Options = Options(), progress: @escaping CopyProgress = { _, _ in }
    ) throws -> CopyReport {
        try compacting(path, options, progress: progress)
    }

    /// The same, as long as `giveUp` does not throw, which is asked while others write.
    static func compacting(
        _ path: String, _ options: Options, giveUp: () throws -> Void = {}, progress: @escaping CopyProgress
    ) throws -> CopyReport {
        try HashDBError.translating {
            let environment = try Environment.open(at: path, options: settings(options))
            return CopyReport(
                try environment.compact(
                    within: options.busyTimeout, giveUp: giveUp, check: { try checkIsStore($0, path) },
                    progress: progress))
        }
    }

    private static func checkIsStore(_ databases: [String], _ path: String) throws {
        guard databases.contains(where: { CollectionName(ofMeta: $0) != nil }) else { throw noCollection(path) }
    }
}

extension CopyReport {
    fileprivate init(_ outcome: Environment.CopyOutcome) {
        self.init(
            sourceBytes: outcome.oldBytes, bytes: outcome.newBytes, hasReplacedRemains: outcome.hasReplacedRemains)
    }
}
