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

    /// The named databases, in the order in which `open` was given their names.
    package let databases: [Database]

    private let handle: OpaquePointer
    private let gate = ReadWriteLock()
    private let writerLock: WriterLock
    private let processID: pid_t
    private let generation = Atomic<Int>(0)

    /// The environment of the file at `path`.
    ///
    /// - Throws: `LMDBError`; `notAnEnvironment` too when one of the databases is missing.
    package static func open(at path: String, databases: [String], options: Options) throws -> Environment {
        try EnvironmentRegistry.environment(at: path) {
            try Environment(path: path, names: databases, options: options, create: false) { _, _ in }
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
            try Environment(path: path, names: databases, options: options, create: true, fill: fill)
        }
    }

    private init(
        path: String, names: [String], options: Options, create: Bool,
        fill: (inout WriteTransaction, [Database]) throws -> Void
    ) throws {
        if create {
            let descriptor = createExclusively(path)
            guard descriptor >= 0 else { throw LMDBError.fromErrno(path: path) }
            close(descriptor)
        } else {
            try FileSignature.check(path)
        }
        let writable = access(path, W_OK) == 0
        var opened: OpaquePointer?
        do {
            let handle = try Self.openHandle(path: path, names: names, options: options, writable: writable)
            opened = handle
            try FileLength.check(path, atLeast: Self.usedBytes(handle))
            databases = try Self.openDatabases(names, in: handle, path: path, create: create, fill: fill)
            if create, options.synchronous { try DirectoryEntry.synchronize(path) }
            writerLock = try WriterLock(path: path)
            self.handle = handle
        } catch {
            if let opened { mdb_env_close(opened) }
            if create {
                unlink(path)
                unlink(path + "-lock")
            }
            throw error
        }
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
        if getpid() == processID { mdb_env_close(handle) }
    }

    /// Tries smaller maps where the address space is limited.
    private static func openHandle(
        path: String, names: [String], options: Options, writable: Bool
    ) throws -> OpaquePointer {
        var size = options.mapSize
        while true {
            var environment: OpaquePointer?
            var code = mdb_env_create(&environment)
            guard code == 0, let environment else { throw LMDBError.from(code, path: path) }
            mdb_env_set_maxdbs(environment, MDB_dbi(names.count))
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

    /// LMDB wants handles of databases opened once, before others use the environment, in a transaction that is committed.
    private static func openDatabases(
        _ names: [String], in environment: OpaquePointer, path: String, create: Bool,
        fill: (inout WriteTransaction, [Database]) throws -> Void
    ) throws -> [Database] {
        var handle: OpaquePointer?
        let code = mdb_txn_begin(environment, nil, create ? 0 : UInt32(MDB_RDONLY), &handle)
        guard code == 0, let handle else { throw LMDBError.from(code, path: path) }
        var transaction = WriteTransaction(handle: handle, path: path)
        let databases = try names.map { name in
            var database: MDB_dbi = 0
            let code = mdb_dbi_open(handle, name, create ? UInt32(MDB_CREATE) : 0, &database)
            guard code != MDB_NOTFOUND else {
                throw LMDBError.notAnEnvironment(path: path, reason: "it has no database named \(name)")
            }
            guard code == 0 else { throw LMDBError.from(code, path: path) }
            return Database(handle: database)
        }
        if create { try fill(&transaction, databases) }
        try transaction.commit()
        return databases
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
                var transaction: OpaquePointer?
                let code = mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
                if code == MDB_MAP_RESIZED { return nil }
                guard code == 0, let transaction else { throw LMDBError.from(code, path: path) }
                return try body(ReadTransaction(handle: transaction, path: path))
            }
            if let result { return result }
            try takeOverMap()
        }
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
        while true {
            do {
                if let result = try writeOnce(body) { return result }
                try takeOverMap()
            } catch LMDBError.mapFull {
                try growMap()
            }
        }
    }

    private func writeOnce<R>(_ body: (inout WriteTransaction) throws -> R) throws -> R? {
        try gate.shared {
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
    }

    // MARK: The map

    /// The map's size in bytes.
    package var mapSize: Int { information.me_mapsize }

    /// The file's size in bytes as LMDB sees it, freed pages among them.
    package var usedBytes: Int { Self.usedBytes(handle) }

    private static func usedBytes(_ handle: OpaquePointer) -> Int {
        var information = MDB_envinfo()
        mdb_env_info(handle, &information)
        var status = MDB_stat()
        mdb_env_stat(handle, &status)
        return (Int(information.me_last_pgno) + 1) * Int(status.ms_psize)
    }

    /// How many readers there are, in all processes.
    package var readerCount: Int { Int(information.me_numreaders) }

    /// Gives back the slots of readers whose processes have died, which would keep old pages from being used again.
    package func clearStaleReaders() {
        var dead: Int32 = 0
        if isWritable { mdb_reader_check(handle, &dead) }
    }

    /// Takes the pages of a value that lies on pages of its own out of this process's memory. They stay in the system's, and come back when
    /// they are read again.
    package static func release(_ address: UnsafeRawPointer, byteCount: Int) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = Int(bitPattern: address) / page * page
        let end = (Int(bitPattern: address) + byteCount) / page * page
        guard start < end else { return }
        madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, Int32(MADV_DONTNEED))
    }

    private var information: MDB_envinfo {
        var information = MDB_envinfo()
        mdb_env_info(handle, &information)
        return information
    }

    private func growMap() throws { try setMapSize { 2 * mapSize } }
    private func takeOverMap() throws { try setMapSize { 0 } }

    private func setMapSize(_ size: () -> Int) throws {
        guard !gate.isSharedByThisThread else {
            throw LMDBError.failed(
                path: path, code: EDEADLK, reason: "it must grow, which it cannot within a snapshot; write after it")
        }
        try gate.alone {
            let code = mdb_env_set_mapsize(handle, size())
            generation.add(1, ordering: .acquiringAndReleasing)
            guard code == 0 else { throw LMDBError.from(code, path: path) }
        }
    }

    private func checkProcess() throws {
        guard getpid() == processID else {
            throw LMDBError.failed(
                path: path, code: EINVAL, reason: "opened before fork; open it again in the child process")
        }
    }
}

private func createExclusively(_ path: String) -> Int32 {
    open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
}
