import CLMDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The environments that are open in this process.
///
/// LMDB's behaviour is undefined when a process opens one file twice, and so it is with two files that have one lock file, as a file and
/// the one that has taken its name do. Whoever asks for an open file gets the environment that is there, and environments open and close
/// their files one at a time.
enum EnvironmentRegistry {
    private struct Entry {
        weak var environment: Environment?
        let number: Int
        /// A forked child has entries of its parent, whose environments are not for it.
        let process: pid_t
        var file: FileIdentity?
        var lock: FileIdentity?

        func uses(_ other: FileIdentity?, lock otherLock: FileIdentity?) -> Bool {
            process == getpid() && (file != nil && file == other || lock != nil && lock == otherLock)
        }
    }

    private static let entries = Mutex<[Entry]>([])
    private static let lastNumber = Atomic(0)

    static func newNumber() -> Int { lastNumber.add(1, ordering: .relaxed).newValue }

    /// The open environment of `path`, or the one that `open` makes.
    static func environment(at path: String, open: () throws -> Environment) throws -> Environment {
        while true {
            // Whatever is found outlives the lock, as its end would need it.
            let (environment, isNew): (Environment?, Bool) = try entries.withLock { entries in
                // Not earlier: another thread may just have made it.
                let file = FileIdentity(path: path)
                let lock = FileIdentity(path: LockFile.path(of: path))
                if let entry = entries.first(where: { $0.uses(file, lock: lock) }) { return (entry.environment, false) }
                let new = try open()
                add(new, to: &entries)
                return (new, true)
            }
            guard let environment else {
                // Another thread is letting go of it.
                usleep(200)
                continue
            }
            if isNew || environment.isOpen(FileIdentity(path: path)) { return environment }
            try environment.giveUpName(of: path)
        }
    }

    private static func add(_ environment: Environment, to entries: inout [Entry]) {
        entries.append(
            Entry(
                environment: environment, number: environment.number, process: getpid(),
                file: environment.identities?.file, lock: environment.identities?.lock))
    }

    /// Lets an environment have another file than before, or none. Files that another environment has open are not for it.
    static func exchange(of environment: Environment, path: String, _ body: () throws -> Void) throws {
        try entries.withLock { entries in
            let others = entries.filter { $0.number != environment.number }
            let file = FileIdentity(path: path)
            let lock = FileIdentity(path: LockFile.path(of: path))
            guard !others.contains(where: { $0.uses(file, lock: lock) }) else {
                let reason = "another file has taken its name since it was opened; open it again"
                throw LMDBError.failed(path: path, code: EBUSY, reason: reason)
            }
            defer { update(environment, in: &entries) }
            try body()
        }
    }

    private static func update(_ environment: Environment, in entries: inout [Entry]) {
        guard let index = entries.firstIndex(where: { $0.number == environment.number }) else { return }
        entries[index].file = environment.identities?.file
        entries[index].lock = environment.identities?.lock
    }

    /// Closes the file of an environment at its end.
    static func end(_ number: Int, _ close: () -> Void) {
        entries.withLock { entries in
            close()
            entries.removeAll { $0.number == number }
        }
    }
}
