import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Guards against a lock file that counts the commits of another file.
///
/// The number of the last commit is in the lock file, and it alone tells LMDB which of the file's two places for commits is the newer. A lock
/// file belongs to a name: where a file takes the name of one that a process still has open, whoever opens the new one is told the number of
/// the old. LMDB might then read one commit too early, and write the next over the last.
enum CommitCount {
    /// Whether a read transaction of this number sees the last commit; or the one before, where a writer is just between writing a commit
    /// and counting it, or has died there. A new file has had no commit, at whatever number it begins.
    static func fits(_ number: Int, last: Int) -> Bool { last == number || last == number &+ 1 || last == 0 }

    /// Whether a write transaction of this number comes after the last commit.
    static func isNext(_ number: Int, after last: Int) -> Bool { number == last &+ 1 || last == 0 }

    /// The error for a lock file that counts the commits of another file.
    static func error(path: String) -> LMDBError {
        let reason =
            "its lock file still counts the commits of another file, which had the name before; end the programs that have that one open"
        return .failed(path: path, code: EBUSY, reason: reason)
    }

    /// Looks whether the numbers of a file that is in use fit.
    ///
    /// - Throws: `Obstacle.miscounted` where they do not, however often they are looked at.
    static func check(_ file: OpenFile, path: String) throws {
        for _ in 0..<3 {
            let (number, last) = try numbers(file, path: path)
            if fits(number, last: last) { return }
        }
        throw Obstacle.miscounted
    }

    /// Sees to it that the numbers of a file that was just opened fit.
    ///
    /// - Throws: `LMDBError`, where that cannot be done; `Obstacle.replaced`.
    static func settle(_ file: OpenFile, path: String) throws {
        func isRight() throws -> Bool {
            let (number, last) = try numbers(file, path: path)
            return last == number || last == 0
        }
        do {
            try file.writerLock.mend(within: .seconds(1), of: path, unless: isRight) {
                guard file.hasName(path) else { throw Obstacle.replaced }
                try mend(file, path: path)
            }
        } catch LMDBError.busy(path) {
            guard file.hasName(path) else { throw Obstacle.replaced }
            let (number, last) = try numbers(file, path: path)
            guard fits(number, last: last) else { throw error(path: path) }
        }
    }

    private static func mend(_ file: OpenFile, path: String) throws {
        var (number, last) = try numbers(file, path: path)
        if last == number &+ 1 {
            // What a reader sees is whole.
            guard file.isWritable else { return }
            // If a writer has died, LMDB counts its commit as soon as another begins.
            try beginWriting(file, path: path)
            (number, last) = try numbers(file, path: path)
            if last == number { return }
        }
        let pages = try PageFile(owning: file.duplicate(path: path).descriptor, path: path)
        // A lock file that is behind cannot be met. If it is ahead, the last commit gets the number that others may be using.
        guard file.isWritable, number > last, pages.metaProblems.isEmpty, let newest = pages.metas.first else {
            throw error(path: path)
        }
        try pages.settle(on: newest, as: UInt64(truncatingIfNeeded: number))
    }

    /// The number of a transaction that begins now, and that of the last commit in the file.
    private static func numbers(_ file: OpenFile, path: String) throws -> (number: Int, last: Int) {
        let transaction = try file.beginReading(path: path)
        defer { file.idle.keep(transaction) }
        return (mdb_txn_id(transaction), Environment.lastNumber(file.handle))
    }

    private static func beginWriting(_ file: OpenFile, path: String) throws {
        var transaction: OpaquePointer?
        let code = mdb_txn_begin(file.handle, nil, 0, &transaction)
        if let obstacle = Obstacle(code) { throw obstacle }
        guard code == 0, let transaction else { throw LMDBError.from(code, path: path) }
        mdb_txn_abort(transaction)
    }
}
