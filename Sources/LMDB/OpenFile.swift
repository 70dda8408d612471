import CLMDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file as LMDB has opened it. Its environment opens it anew where LMDB will not go on, and another where its name has come to stand for
/// that; what is used beyond a transaction is therefore asked for again.
final class OpenFile: @unchecked Sendable {
    let handle: OpaquePointer
    let identity: FileIdentity
    /// nil where a file system that can only be read has none.
    let lockIdentity: FileIdentity?
    let isWritable: Bool
    let pageSize: Int
    let idle = IdleTransactions()
    let writerLock: WriterLock
    /// Whether LMDB has given it up, after it could not write the end of a commit.
    let hasFailed = Atomic(false)

    init(path: String, options: Environment.Options) throws {
        let writable = access(path, W_OK) == 0
        let handle = try Self.openHandle(path: path, options: options, writable: writable)
        do {
            try FileLength.check(path, atLeast: Environment.usedBytes(handle))
            writerLock = try WriterLock(path: path)
            var descriptor: Int32 = -1
            mdb_env_get_fd(handle, &descriptor)
            guard let identity = FileIdentity(descriptor: descriptor), identity == writerLock.identity else {
                throw LMDBError.failed(path: path, code: EAGAIN, reason: "replaced while it was opened; try again")
            }
            self.identity = identity
        } catch {
            mdb_env_close(handle)
            throw error
        }
        self.handle = handle
        isWritable = writable
        lockIdentity = FileIdentity(path: path + "-lock")
        var status = MDB_stat()
        mdb_env_stat(handle, &status)
        pageSize = Int(status.ms_psize)
    }

    /// Call once, when no transaction is left.
    func close() {
        idle.endAll()
        mdb_env_close(handle)
    }

    /// Tries smaller maps where the address space is limited.
    private static func openHandle(path: String, options: Environment.Options, writable: Bool) throws -> OpaquePointer {
        var size = options.mapSize
        while true {
            var environment: OpaquePointer?
            var code = mdb_env_create(&environment)
            guard code == 0, let environment else { throw LMDBError.from(code, path: path) }
            mdb_env_set_maxdbs(environment, MDB_dbi(options.maximumDatabases))
            mdb_env_set_maxreaders(environment, 1022)
            code = mdb_env_set_mapsize(environment, size)
            var flags = UInt32(MDB_NOSUBDIR | MDB_NOTLS)
            if !writable { flags |= UInt32(MDB_RDONLY) }
            if !options.synchronous { flags |= UInt32(MDB_NOSYNC) }
            if code == 0 { code = mdb_env_open(environment, path, flags, 0o644) }
            if code == 0 { return environment }
            mdb_env_close(environment)
            guard code == ENOMEM, size > 1 << 24 else { throw LMDBError.from(code, path: path) }
            size /= 4
        }
    }
}
