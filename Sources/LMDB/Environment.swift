import CLMDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One LMDB file and its map.
///
/// Opening the same file again in a process returns the same environment. Readers are many and never wait; writers, here and in other
/// processes, go one at a time. The map grows by itself: `write` makes room and runs its body again where LMDB says that the map is full,
/// and a map that another process has grown is taken over before a transaction starts.
package final class Environment: @unchecked Sendable {
    /// How to open a file.
    package struct Options: Sendable {
        /// Whether a commit waits until the data is on the device.
        package var synchronous = true
        /// The map's size in bytes to begin with; it reserves address space, not memory or disk.
        package var mapSize = Environment.defaultMapSize
        /// How many named databases may be open at a time.
        package var maximumDatabases = 8

        package init() {}
    }

    /// 1 TiB of address space on 64-bit Linux: no store of today outgrows it, so growing is for machines where it is refused.
    package static var defaultMapSize: Int {
        #if os(Linux)
            1 << 40
        #else
            1 << 26
        #endif
    }

    package let path: String
    /// Whether the file could be opened for writing.
    package let isWritable: Bool
    /// The size of a page in bytes. A value of at least half of it lies on pages of its own.
    package let pageSize: Int
    /// Changes whenever the map moves: pointers into it from before are void.
    package var mapGeneration: Int { generation.load(ordering: .acquiring) }

    let handle: OpaquePointer
    let gate = ReadWriteLock()
    let generation = Atomic<Int>(0)
    /// The named databases that are open, by their names. Held by whoever opens or closes one: LMDB allows one transaction at a time to.
    let openDatabases = Mutex<[String: Database]>([:])
    private let idle = IdleTransactions()
    private let writerLock: WriterLock
    private let processID: pid_t

    /// The environment of the file at `path`.
    ///
    /// - Throws: `LMDBError`.
    package static func open(at path: String, options: Options) throws -> Environment {
        try EnvironmentRegistry.environment(at: path) {
            try FileSignature.check(path)
            return try Environment(path: path, options: options)
        }
    }

    /// Makes a file at `path` with these databases and what `fill` writes into them, in one transaction.
    ///
    /// - Throws: `LMDBError`; `exists` if there is a file already.
    package static func create(
        at path: String, databases: [String], options: Options,
        fill: (inout WriteTransaction, [Database]) throws -> Void
    ) throws -> Environment {
        guard access(path, F_OK) != 0 else { throw LMDBError.exists(path: path) }
        return try EnvironmentRegistry.environment(at: path) {
            let descriptor = createExclusively(path)
            guard descriptor >= 0 else { throw LMDBError.fromErrno(path: path) }
            close(descriptor)
            do {
                let environment = try Environment(path: path, options: options)
                try environment.addDatabases(named: databases, fill: fill)
                if options.synchronous { try DirectoryEntry.synchronize(path) }
                return environment
            } catch {
                unlink(path)
                unlink(path + "-lock")
                throw error
            }
        }
    }

    private init(path: String, options: Options) throws {
        let writable = access(path, W_OK) == 0
        let handle = try Self.openHandle(path: path, options: options, writable: writable)
        do {
            try FileLength.check(path, atLeast: Self.usedBytes(handle))
            writerLock = try WriterLock(path: path)
        } catch {
            mdb_env_close(handle)
            throw error
        }
        self.handle = handle
        self.path = path
        isWritable = writable
        processID = getpid()
        var status = MDB_stat()
        mdb_env_stat(handle, &status)
        pageSize = Int(status.ms_psize)
        clearStaleReaders()
    }

    deinit {
        // A forked child shares the parent's lock file entries: closing there would free the parent's readers.
        guard getpid() == processID else { return }
        idle.endAll()
        mdb_env_close(handle)
    }

    /// Tries smaller maps where the address space is limited.
    private static func openHandle(path: String, options: Options, writable: Bool) throws -> OpaquePointer {
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

    /// Whether there is a file, or anything else, of this name.
    package static func fileExists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Removes a file that was made in vain, if it is there.
    package static func removeFile(_ path: String) {
        unlink(path)
    }

    // MARK: Transactions

    /// Runs `body` on the state of the last commit.
    package func read<R>(_ body: (consuming ReadTransaction) throws -> R) throws -> R {
        try checkProcess()
        while true {
            let result: R? = try gate.shared {
                guard let transaction = try beginReading() else { return nil }
                return try body(ReadTransaction(handle: transaction, path: path, idle: idle))
            }
            if let result { return result }
            try takeOverMap()
        }
    }

    /// nil where another process has grown the map, which has to be taken over first.
    private func beginReading() throws -> OpaquePointer? {
        if let transaction = idle.take() {
            let code = mdb_txn_renew(transaction)
            if code == 0 { return transaction }
            mdb_txn_abort(transaction)
            if code == MDB_MAP_RESIZED { return nil }
        }
        var transaction: OpaquePointer?
        let code = mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
        if code == MDB_MAP_RESIZED { return nil }
        guard code == 0, let transaction else { throw LMDBError.from(code, path: path) }
        return transaction
    }

    /// Holds the right to write while `body` runs, over as many transactions as it likes, waiting for it at most `limit`.
    package func asWriter<R>(within limit: Duration, _ body: () throws -> R) throws -> R {
        try checkProcess()
        guard isWritable else { throw LMDBError.readOnly(path: path) }
        return try writerLock.hold(within: limit, body)
    }

    /// Runs `body` in a write transaction and commits it; nothing is written if it throws. Call within `asWriter`.
    ///
    /// `body` is run again, in a new transaction, if the map turns out to be too small: it must do the same each time.
    package func write<R>(_ body: (inout WriteTransaction) throws -> R) throws -> R {
        try makingRoom { try gate.shared { try writeOnce(body) } }
    }

    /// Repeats `body` with a map that is larger, or that another process has grown, until it gives a result.
    func makingRoom<R>(_ body: () throws -> R?) throws -> R {
        while true {
            do {
                if let result = try body() { return result }
                try takeOverMap()
            } catch LMDBError.mapFull {
                try growMap()
            }
        }
    }

    /// One write transaction; nil where another process has grown the map. Call within the gate.
    func writeOnce<R>(_ body: (inout WriteTransaction) throws -> R) throws -> R? {
        var handle: OpaquePointer?
        let code = mdb_txn_begin(self.handle, nil, 0, &handle)
        if code == MDB_MAP_RESIZED { return nil }
        guard code == 0, let handle else { throw LMDBError.from(code, path: path) }
        var transaction = WriteTransaction(handle: handle, path: path)
        let result = try body(&transaction)
        try transaction.commit()
        FileLength.extend(path, to: usedBytes)
        return result
    }

    func checkProcess() throws {
        guard getpid() == processID else {
            throw LMDBError.failed(
                path: path, code: EINVAL, reason: "opened before fork; open it again in the child process")
        }
    }
}

private func createExclusively(_ path: String) -> Int32 {
    open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
}
