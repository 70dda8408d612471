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
/// Opening the same file again in a process returns the same environment. Readers are many and wait neither for one another nor for the
/// writer; writers, here and in other processes, go one at a time. The map grows by itself: `write` makes room and runs its body again where
/// LMDB says that the map is full, and a map that another process has grown is taken over before a transaction starts. So is another file, or
/// lock file, that has taken the name; and after a failure that LMDB does not go on from, the file is opened anew. Each of these waits until all
/// transactions that are open here have ended, and keeps new ones waiting.
package final class Environment: @unchecked Sendable {
    /// How to open a file.
    package struct Options: Sendable {
        /// Whether a commit waits until the data is on the device.
        package var synchronous = true
        /// The map's size in bytes to begin with; it reserves address space, not memory or disk.
        package var mapSize = Environment.defaultMapSize
        /// How many named databases may be open at a time.
        package var maximumDatabases = 8
        /// Whether a new file loses its name as soon as it is open: nothing is left of it, however this process ends.
        package var losesName = false

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

    /// The name that it was opened by, for messages.
    package let path: String
    /// The same from the root, without links.
    let location: String
    let number = EnvironmentRegistry.newNumber()
    /// Changes whenever the map moves or the file is opened anew: pointers into it from before are void, and so are databases.
    package var mapGeneration: Int { generation.load(ordering: .acquiring) }

    private let options: Options
    let gate = ReadWriteLock()
    /// nil where it was closed to be opened anew, and that has not come to pass. Changed by who has the gate alone.
    private(set) var file: OpenFile?
    let generation = Atomic<Int>(0)
    /// The named databases that are open, by their names. Held by whoever opens or closes one: LMDB allows one transaction at a time to.
    let openDatabases = Mutex<[String: Database]>([:])
    let nameCheck = NameCheck()
    /// Rings after each commit of this process.
    package let commits = CommitBell()
    /// Whether the file has a name to lose.
    let isNamed = Atomic(false)
    private let processID: pid_t

    /// The environment of the file at `path`.
    ///
    /// - Throws: `LMDBError`.
    package static func open(at path: String, options: Options) throws -> Environment {
        let location = try FileLocation.resolving(path)
        return try EnvironmentRegistry.environment(at: location) {
            try FileSignature.check(location, named: path)
            let environment = try Environment(path: path, location: location, options: options)
            environment.isNamed.store(true, ordering: .releasing)
            return environment
        }
    }

    /// Opens a file that no other environment of the process has open.
    init(path: String, location: String, options: Options) throws {
        // Without, a thread could wait for itself.
        guard LocksOfThread.areKnown else {
            let reason = "the process has no key left for what belongs to a thread (pthread_key_create)"
            throw LMDBError.failed(path: path, code: EAGAIN, reason: reason)
        }
        do { file = try OpenFile.opening(location, options: options).file } catch let error as LMDBError {
            throw error.naming(path, insteadOf: location)
        }
        self.path = path
        self.location = location
        self.options = options
        processID = getpid()
        clearStaleReaders()
    }

    deinit {
        // A forked child shares the parent's lock file entries: closing there would free the parent's readers.
        guard getpid() == processID else { return }
        EnvironmentRegistry.end(number) { file?.close() }
    }

    // MARK: The open file

    /// Call within the gate.
    func openFile() throws -> OpenFile {
        guard let file else { throw Obstacle.closed }
        return file
    }

    /// Runs `body` with LMDB's handle; nil where no file is open.
    func withHandle<R>(_ body: (OpaquePointer) -> R) -> R? {
        gate.shared { (file?.handle).map(body) }
    }

    /// Whether the file could be opened for writing.
    package var isWritable: Bool { gate.shared { file?.isWritable } ?? false }
    /// The size of a page in bytes. A value of at least half of it lies on pages of its own.
    package var pageSize: Int { gate.shared { file?.pageSize } ?? 4096 }

    /// Which files are open. For the registry, which is asked before one is opened or closed.
    var identities: (file: FileIdentity, lock: FileIdentity?)? { file.map { ($0.identity, $0.lockIdentity) } }

    func isOpen(_ identity: FileIdentity?) -> Bool { gate.shared { file?.identity == identity } }

    /// Makes way for the file that has taken the name of this one, or will: opens that, or closes this.
    func giveUpName(of location: String) throws {
        guard location == self.location else {
            let reason = "it shares its lock file with another store that is open"
            throw LMDBError.failed(path: path, code: EBUSY, reason: reason)
        }
        if FileIdentity(path: location) != nil { return try openAnew() }
        try withoutTransactions {
            try EnvironmentRegistry.exchange(of: self, path: location) { close() }
        }
    }

    /// Call with the gate alone.
    func close() {
        generation.add(1, ordering: .acquiringAndReleasing)
        file?.close()
        file = nil
    }

    /// Opens the file of the name, unless it is open and in order.
    func openAnew() throws {
        try withoutTransactions {
            if let file, file.hasName(location), !file.hasFailed.load(ordering: .acquiring) { return }
            try checkHasFile()
            do {
                // What is not LMDB's is not exchanged for what is.
                try FileSignature.checkCommits(location)
                try EnvironmentRegistry.exchange(of: self, path: location) {
                    close()
                    try FileSignature.checkLockFile(of: location, named: path)
                    try openDatabases.withLock { known in
                        (file, known) = try OpenFile.opening(location, options: options, databases: Array(known.keys))
                    }
                    nameCheck.expire()
                }
            } catch let error as LMDBError { throw error.naming(path, insteadOf: location) }
        }
    }

    private func withoutTransactions(_ body: () throws -> Void) throws {
        let reason = "it must be opened anew, which it cannot within a snapshot; try again after it"
        try withoutTransactions(orElse: LMDBError.failed(path: path, code: EDEADLK, reason: reason), body)
    }

    /// Runs `body` when no transaction of this process is open. Throws the error where waiting for that would be for ever, or may be: within a
    /// transaction of this thread, and while there are held ones.
    func withoutTransactions<R>(orElse error: LMDBError, _ body: () throws -> R) throws -> R {
        guard !gate.isSharedByThisThread else { throw error }
        return try gate.alone {
            guard !gate.isHeld else { throw error }
            return try body()
        }
    }

    func checkProcess() throws {
        guard getpid() == processID else {
            throw LMDBError.failed(
                path: path, code: EINVAL, reason: "opened before fork; open it again in the child process")
        }
    }

    // MARK: Files

    /// Whether there is a file, or anything else, of this name.
    package static func fileExists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Removes a file that was made in vain, if it is there.
    package static func removeFile(_ path: String) {
        unlink(path)
    }
}
