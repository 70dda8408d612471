import CLMDB
import CLMDBGuard
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
    /// LMDB's own, which it closes.
    let descriptor: Int32
    let identity: FileIdentity
    /// nil where a file system that can only be read has none.
    let lockIdentity: FileIdentity?
    let isWritable: Bool
    let pageSize: Int
    let idle = IdleTransactions()
    let writerLock: WriterLock
    /// Whether it is to be opened anew: LMDB has given it up, after it could not write the end of a commit, or its lock file miscounts.
    let hasFailed = Atomic(false)
    /// The bytes of the map, as the budget knows them.
    private let mapped = Atomic(0)

    /// Opens the file of a name, with those of the databases that it has; again where the name comes to stand for another file meanwhile, or
    /// another process grows the map.
    static func opening(
        _ path: String, options: Environment.Options, databases: [String] = []
    ) throws -> (file: OpenFile, databases: [String: Database]) {
        for _ in 0..<1000 {
            do {
                let file = try OpenFile(path: path, options: options)
                do { return (file, databases.isEmpty ? [:] : try file.databases(named: databases, path: path)) } catch {
                    file.close()
                    throw error
                }
            } catch is Obstacle {}
        }
        throw LMDBError.failed(path: path, code: EAGAIN, reason: "replaced again and again; try again")
    }

    /// Begins a read transaction, one that has rested if there is any. Where all places for readers are taken, those that rest are given back,
    /// and those of processes that have died.
    func beginReading(path: String) throws -> OpaquePointer {
        if let transaction = idle.take() {
            let code = mdb_txn_renew(transaction)
            if code == 0 { return transaction }
            mdb_txn_abort(transaction)
            if let obstacle = Obstacle(code) { throw obstacle }
        }
        var transaction: OpaquePointer?
        var code = mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
        if code == MDB_READERS_FULL {
            idle.endAll()
            mdb_reader_check(handle, nil)
            code = mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
        }
        if let obstacle = Obstacle(code) { throw obstacle }
        guard code == 0, let transaction else { throw LMDBError.from(code, path: path) }
        return transaction
    }

    /// Whether the name stands for this file, and that of the lock file for the one that is open with it. Who has a lock file of their own
    /// sees neither the readers nor the commits of others.
    func hasName(_ path: String) -> Bool {
        guard identity == FileIdentity(path: path) else { return false }
        return lockIdentity == nil || lockIdentity == FileIdentity(path: LockFile.path(of: path))
    }

    /// Those of the databases that are there, which are then open. One transaction at a time may call this.
    func databases(named names: [String], path: String) throws -> [String: Database] {
        let transaction = try beginReading(path: path)
        var databases: [String: Database] = [:]
        for name in names {
            var database: MDB_dbi = 0
            let code = mdb_dbi_open(transaction, name, 0, &database)
            if code == MDB_NOTFOUND { continue }
            guard code == 0 else {
                // Closes those that it has opened.
                mdb_txn_abort(transaction)
                guard code != MDB_INCOMPATIBLE else {
                    throw LMDBError.notAnEnvironment(path: path, reason: "its entry \(name) is no database")
                }
                throw LMDBError.from(code, path: path)
            }
            databases[name] = Database(handle: database)
        }
        let code = mdb_txn_commit(transaction)
        guard code == 0 else { throw LMDBError.from(code, path: path) }
        return databases
    }

    private init(path: String, options: Environment.Options) throws {
        try NetworkFileSystem.refuse(path)
        isWritable = access(path, W_OK) == 0
        try LockFile.reserveRoom(of: path)
        let lock = FileIdentity(path: LockFile.path(of: path))
        handle = try Self.openHandle(path: path, options: options, writable: isWritable)
        var descriptor: Int32 = -1
        mdb_env_get_fd(handle, &descriptor)
        self.descriptor = descriptor
        lockIdentity = FileIdentity(path: LockFile.path(of: path))
        var status = MDB_stat()
        mdb_env_stat(handle, &status)
        pageSize = Int(status.ms_psize)
        do {
            writerLock = try WriterLock(path: path)
            identity = writerLock.identity
        } catch {
            mdb_env_close(handle)
            throw error
        }
        tellBudget(Environment.mapSize(handle))
        do {
            // LMDB, too, opens the name more than once.
            guard identity == FileIdentity(descriptor: descriptor), lock == nil || lock == lockIdentity, hasName(path)
            else { throw Obstacle.replaced }
            try FileLength.check(self, path: path)
            try CommitCount.settle(self, path: path)
        } catch {
            close()
            throw error
        }
    }

    /// Call once, when no transaction is left.
    func close() {
        idle.endAll()
        mdb_env_close(handle)
        tellBudget(0)
    }

    // MARK: The map

    /// Moves the map, when no transaction of this process is open. Returns LMDB's code.
    func setMapSize(_ size: Int) -> Int32 {
        let code = mdb_env_set_mapsize(handle, size)
        // Where it has failed there is no map to ask.
        tellBudget(code == 0 ? Environment.mapSize(handle) : 0)
        return code
    }

    private func tellBudget(_ bytes: Int) {
        AddressBudget.use(bytes - mapped.exchange(bytes, ordering: .relaxed))
    }

    // MARK: The file

    /// A descriptor of the file, to be closed by who asked, and what the system says of it.
    func duplicate(path: String) throws -> (descriptor: Int32, status: stat) {
        var status = stat()
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard own >= 0, fstat(own, &status) == 0 else { throw LMDBError.fromErrno(path: path) }
        return (own, status)
    }

    /// The error for a write that the system cut short, which LMDB tells as one of the device.
    func reasonOfShortWrite(path: String) -> LMDBError {
        var (status, space, limit) = (stat(), statvfs(), rlimit())
        if fstat(descriptor, &status) == 0, getrlimit(resource(RLIMIT_FSIZE), &limit) == 0,
            UInt64(status.st_size) + UInt64(pageSize) > limit.rlim_cur
        {
            return .from(EFBIG, path: path)
        }
        if fstatvfs(descriptor, &space) == 0, Int(space.f_bavail) * Int(space.f_frsize) < 16 * pageSize {
            return .from(ENOSPC, path: path)
        }
        return .from(EIO, path: path)
    }

    /// Tries smaller maps where the system has no addresses for what the budget allows.
    private static func openHandle(path: String, options: Environment.Options, writable: Bool) throws -> OpaquePointer {
        var size = AddressBudget.size(wanted: options.mapSize, length: FileLength.bytes(at: path))
        while true {
            var environment: OpaquePointer?
            var code = mdb_env_create(&environment)
            guard code == 0, let environment else { throw LMDBError.from(code, path: path) }
            clmdbguard_begin(environment)
            mdb_env_set_maxdbs(environment, MDB_dbi(options.maximumDatabases))
            mdb_env_set_maxreaders(environment, LockFile.places)
            code = mdb_env_set_mapsize(environment, size)
            var flags = UInt32(MDB_NOSUBDIR | MDB_NOTLS)
            if !writable { flags |= UInt32(MDB_RDONLY) }
            if !options.synchronous { flags |= UInt32(MDB_NOSYNC) }
            if code == 0 { code = mdb_env_open(environment, path, flags, 0o644) }
            if code == 0 { return environment }
            mdb_env_close(environment)
            if code == EACCES, access(path, R_OK) == 0, access(LockFile.path(of: path), R_OK | W_OK) != 0 {
                let reason = "cannot be written to; readers too tell in it what they read, so change its permissions"
                throw LMDBError.failed(path: LockFile.path(of: path), code: code, reason: reason)
            }
            guard code == ENOMEM, size > 1 << 24 else { throw LMDBError.from(code, path: path) }
            size /= 4
        }
    }
}

#if canImport(Glibc)
    private func resource(_ name: __rlimit_resource) -> __rlimit_resource_t { .init(name.rawValue) }
#else
    private func resource(_ name: Int32) -> Int32 { name }
#endif
