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
///
/// Threads of a process that share one of these queue, and the first of them alone tries the `flock`. It is tried again and again, as the system
/// would only wait for it without a limit; so a process that writes on and on lets those of others by now and then.
final class WriterLock: @unchecked Sendable {
    /// The file that nobody else writes.
    let identity: FileIdentity
    private let descriptor: Int32
    /// The process that has it. A forked child has closed the descriptor.
    private let processID = getpid()
    private let queue = WriterQueue()
    private let clock = ContinuousClock()
    /// Since when this process has had it, but for moments. This and the next are changed by who has the queue's turn.
    private var row: ContinuousClock.Instant
    /// When this process has let go of it.
    private var released: ContinuousClock.Instant

    /// The longest time between two tries, in microseconds.
    private static let longestPause: UInt32 = 1_000
    /// What a process leaves to others after `longestRow`: twice the time between two tries, and a hundredth of the writer's.
    private static let breather = 2 * longestPause
    private static let longestRow = Duration.milliseconds(200)

    init(path: String) throws {
        let descriptor = Self.openForLocking(path)
        guard descriptor >= 0, let identity = FileIdentity(descriptor: descriptor) else {
            throw LMDBError.fromErrno(path: path)
        }
        LockDescriptors.add(descriptor)
        self.descriptor = descriptor
        self.identity = identity
        row = clock.now
        released = row
    }

    deinit {
        if getpid() == processID { LockDescriptors.close(descriptor) }
    }

    private static func openForLocking(_ path: String) -> Int32 {
        open(path, O_RDONLY | O_CLOEXEC)
    }

    /// Runs `body` with the lock held, waiting for it at most `limit`, and no longer than `giveUp` does not throw.
    ///
    /// - Throws: `LMDBError.busy`, which names `path`, when the wait was in vain; `nestedWrite`, at once, where this thread has locked the file, if
    ///   by another of these, as it would wait for itself; what `giveUp` and `body` throw.
    func hold<R>(
        within limit: Duration, of path: String, giveUp: () throws -> Void = {}, _ body: () throws -> R
    ) throws -> R {
        guard !LocksOfThread.include(identity) else { throw LMDBError.nestedWrite(path: path) }
        let deadline = clock.now + limit
        guard try queue.enter(by: deadline, giveUp: giveUp) else { throw LMDBError.busy(path: path) }
        defer { queue.leave() }
        letOthersBy(deadline)
        guard try lockFile(deadline, giveUp) else { throw LMDBError.busy(path: path) }
        defer {
            if getpid() == processID { flock(descriptor, LOCK_UN) }
            released = clock.now
        }
        return try LocksOfThread.holding(self, on: identity, body)
    }

    /// Leaves the lock to other processes for long enough for them to find it free, where this one has taken it again and again for long.
    private func letOthersBy(_ deadline: ContinuousClock.Instant) {
        let breather = Duration.microseconds(Self.breather)
        let now = clock.now
        if now - released > breather { row = now }
        guard now - row > Self.longestRow, now + breather < deadline else { return }
        usleep(Self.breather)
        row = clock.now
    }

    private func lockFile(_ deadline: ContinuousClock.Instant, _ giveUp: () throws -> Void) throws -> Bool {
        var pause: UInt32 = 50
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard clock.now < deadline else { return false }
            try giveUp()
            usleep(pause)
            pause = min(2 * pause, Self.longestPause)
            row = clock.now
        }
        return true
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
        } catch is IsRight {
        } catch LMDBError.nestedWrite {
            // It is this thread's own write that it seems to be.
            throw LMDBError.busy(path: path)
        }
    }
}
