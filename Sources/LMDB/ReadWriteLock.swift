import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Many may share it, or one may have it alone.
///
/// The environment's transactions share it; moving the map, which LMDB allows only while no transaction is open in the
/// process, has it alone. Who wants it alone waits only for those who share it already: newcomers queue behind. A thread that shares
/// it may share it again. Who wants to keep others from having it alone for longer than a call, or on changing threads, takes a `Hold`.
final class ReadWriteLock: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>
    /// Held by who waits to have the lock alone, passed through by who comes to share it.
    private let turnstile: UnsafeMutablePointer<pthread_mutex_t>
    private let holds = Atomic<Int>(0)

    init() {
        lock = .allocate(capacity: 1)
        turnstile = .allocate(capacity: 1)
        pthread_rwlock_init(lock, nil)
        pthread_mutex_init(turnstile, nil)
    }

    deinit {
        pthread_mutex_destroy(turnstile)
        pthread_rwlock_destroy(lock)
        turnstile.deallocate()
        lock.deallocate()
    }

    /// Whether the current thread shares the lock, so that it would wait for itself to have it alone.
    var isSharedByThisThread: Bool { LocksOfThread.count(of: self) > 0 }
    /// Whether it does so within another time that it does.
    var isSharedTwiceByThisThread: Bool { LocksOfThread.count(of: self) > 1 }

    func shared<R>(_ body: () throws -> R) rethrows -> R {
        if isSharedByThisThread { return try LocksOfThread.holding(self, body) }
        pthread_mutex_lock(turnstile)
        pthread_rwlock_rdlock(lock)
        pthread_mutex_unlock(turnstile)
        defer { pthread_rwlock_unlock(lock) }
        return try LocksOfThread.holding(self, body)
    }

    func alone<R>(_ body: () throws -> R) rethrows -> R {
        pthread_mutex_lock(turnstile)
        pthread_rwlock_wrlock(lock)
        defer {
            pthread_rwlock_unlock(lock)
            pthread_mutex_unlock(turnstile)
        }
        return try body()
    }

    /// Keeps a promise for as long as it lives: whoever gets the lock alone finds `isHeld` and leaves things as they are.
    final class Hold: Sendable {
        private let lock: ReadWriteLock
        private let processID = getpid()

        fileprivate init(_ lock: ReadWriteLock) {
            self.lock = lock
            lock.holds.add(1, ordering: .acquiringAndReleasing)
        }

        deinit { lock.holds.subtract(1, ordering: .acquiringAndReleasing) }

        /// False in a child of the process that made it.
        var isOfThisProcess: Bool { getpid() == processID }
    }

    /// A new hold. Call while the lock is shared, so that nobody has it alone just then.
    func hold() -> Hold { Hold(self) }

    /// Whether there are holds. Whoever has the lock alone finds it unchanged until then, but for holds that end.
    var isHeld: Bool { holds.load(ordering: .acquiring) > 0 }

    /// Runs `body` with the lock alone if nobody shares or holds it at the moment; nil if somebody does.
    func aloneIfFree<R>(_ body: () throws -> R) rethrows -> R? {
        guard !isSharedByThisThread, pthread_mutex_trylock(turnstile) == 0 else { return nil }
        defer { pthread_mutex_unlock(turnstile) }
        guard pthread_rwlock_trywrlock(lock) == 0 else { return nil }
        defer { pthread_rwlock_unlock(lock) }
        return isHeld ? nil : try body()
    }
}
