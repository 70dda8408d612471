import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The right to write an environment: one holder among all threads and processes.
///
/// LMDB's own writer mutex waits for ever and is given back at each commit. This one, an advisory `flock` on the data file,
/// can be waited for with a limit, and may be held over several commits, as a bulk load needs. The kernel releases it when a process
/// dies. LMDB uses `fcntl` locks on its lock file only, so the two never meet.
final class WriterLock: @unchecked Sendable {
    /// The file that nobody else writes.
    let identity: FileIdentity
    private let descriptor: Int32
    /// The process that has it. A forked child has closed the descriptor.
    private let processID = getpid()
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init(path: String) throws {
        let descriptor = Self.openForLocking(path)
        guard descriptor >= 0, let identity = FileIdentity(descriptor: descriptor) else {
            throw LMDBError.fromErrno(path: path)
        }
        LockDescriptors.add(descriptor)
        self.descriptor = descriptor
        self.identity = identity
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        if getpid() == processID { LockDescriptors.close(descriptor) }
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    private static func openForLocking(_ path: String) -> Int32 {
        open(path, O_RDONLY | O_CLOEXEC)
    }

    /// Runs `body` with the lock held, waiting for it at most `limit`, and no longer than `giveUp` does not throw.
    ///
    /// - Throws: `LMDBError.busy`, which names `path`, when the wait was in vain, and at once where this thread has locked the file, if by
    ///   another of these, as it would wait for itself; what `giveUp` and `body` throw.
    func hold<R>(
        within limit: Duration, of path: String, giveUp: () throws -> Void = {}, _ body: () throws -> R
    ) throws -> R {
        guard !LocksOfThread.include(identity) else { throw LMDBError.busy(path: path) }
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        func wait(_ tryLock: () -> Bool) throws {
            var pause: UInt32 = 50
            while !tryLock() {
                if clock.now >= deadline { throw LMDBError.busy(path: path) }
                try giveUp()
                usleep(pause)
                pause = min(2 * pause, 10_000)
            }
        }
        try wait { pthread_mutex_trylock(mutex) == 0 }
        defer { pthread_mutex_unlock(mutex) }
        try wait { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
        defer { if getpid() == processID { flock(descriptor, LOCK_UN) } }
        return try LocksOfThread.holding(self, on: identity, body)
    }

    /// Runs `body`, while nobody writes, to mend what is not right. It may only seem so as somebody does: while it waits for them, at most
    /// `limit`, it looks again and again.
    ///
    /// - Throws: `LMDBError.busy`, where the wait was in vain; what `isRight` and `body` throw.
    func mend(
        within limit: Duration, of path: String, unless isRight: () throws -> Bool, _ body: () throws -> Void
    ) throws {
        struct IsRight: Error {}
        guard try !isRight() else { return }
        do {
            try hold(within: limit, of: path, giveUp: { if try isRight() { throw IsRight() } }) {
                if try !isRight() { try body() }
            }
        } catch is IsRight {}
    }
}
