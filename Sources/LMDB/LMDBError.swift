import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What went wrong in LMDB or in a system call beneath it.
///
/// Every case keeps the file's path, so that a message can name it. Codes are LMDB's own or `errno` values.
package enum LMDBError: Error, Equatable, Sendable {
    /// The file is not there (ENOENT).
    case notFound(path: String)
    /// The file is there although it was to be made (EEXIST).
    case exists(path: String)
    /// The file is not an LMDB environment, or one of another LMDB version or of another program.
    case notAnEnvironment(path: String, reason: String)
    /// The file ends before its last page.
    case cutOff(path: String, bytes: Int, expected: Int)
    /// A page is not what it should be; its number is nil where LMDB has met it, which does not tell.
    case damaged(path: String, page: Int?, reason: String)
    /// Another writer held the environment for longer than the caller would wait.
    case busy(path: String)
    /// A write was begun within a write of the same thread to the same file, for which it would wait for ever.
    case nestedWrite(path: String)
    /// A write was tried through an environment that could only be opened for reading.
    case readOnly(path: String)
    /// No room is left on the device, or a quota or file size limit was met (ENOSPC, EDQUOT, EFBIG).
    case full(path: String, reason: String)
    /// The map is too small for the transaction. The store grows it and tries again: nobody else sees this.
    case mapFull
    /// The database was removed from the file since it was opened.
    case databaseClosed(path: String)
    /// More databases are in use than can be open at a time.
    case tooManyDatabases(path: String)
    /// Any other failure.
    case failed(path: String, code: Int32, reason: String)

    /// The error for a return code of LMDB.
    static func from(_ code: Int32, path: String) -> LMDBError {
        let reason = String(cString: mdb_strerror(code))
        switch code {
        case MDB_MAP_FULL: return .mapFull
        case MDB_INVALID, MDB_VERSION_MISMATCH: return .notAnEnvironment(path: path, reason: reason)
        // A cursor has room for every tree that can be, but not for one that leads back into itself.
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_CURSOR_FULL, MDB_INCOMPATIBLE:
            return .damaged(path: path, page: nil, reason: reason)
        // LMDB refuses to go on with a transaction that has failed, and does not always say when it fails. Readers fail by damage alone,
        // and a writer that has failed asks for nothing more.
        case MDB_BAD_TXN: return .damaged(path: path, page: nil, reason: "its transaction cannot go on")
        case MDB_DBS_FULL: return .tooManyDatabases(path: path)
        case ENOENT: return .notFound(path: path)
        case EEXIST: return .exists(path: path)
        case ENOSPC, EDQUOT, EFBIG: return .full(path: path, reason: reason)
        case EROFS: return .readOnly(path: path)
        default: return .failed(path: path, code: code, reason: reason)
        }
    }

    /// The same error of a file that the caller knows by another name, or of the lock file beside it.
    func naming(_ path: String, insteadOf location: String) -> LMDBError {
        switch self {
        case .notFound: .notFound(path: path)
        case .exists: .exists(path: path)
        case .notAnEnvironment(_, let reason): .notAnEnvironment(path: path, reason: reason)
        case .cutOff(_, let bytes, let expected): .cutOff(path: path, bytes: bytes, expected: expected)
        case .damaged(_, let page, let reason): .damaged(path: path, page: page, reason: reason)
        case .busy: .busy(path: path)
        case .nestedWrite: .nestedWrite(path: path)
        case .readOnly: .readOnly(path: path)
        case .full(_, let reason): .full(path: path, reason: reason)
        case .mapFull: .mapFull
        case .databaseClosed: .databaseClosed(path: path)
        case .tooManyDatabases: .tooManyDatabases(path: path)
        case .failed(let name, let code, let reason):
            name == LockFile.path(of: location)
                ? .failed(path: LockFile.path(of: path), code: code, reason: reason)
                : .failed(path: path, code: code, reason: reason)
        }
    }

    /// The error for the current `errno`.
    static func fromErrno(path: String) -> LMDBError { from(errno, path: path) }
}
