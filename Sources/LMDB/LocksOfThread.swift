import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which locks the current thread holds, each as often as it does.
///
/// A process has few keys for what belongs to a thread, 128 with Musl, so all locks share one. What a thread has under it ends with the thread.
enum LocksOfThread {
    fileprivate struct Held {
        let lock: ObjectIdentifier
        /// Which file it keeps others from writing, if any, and the process that has it: a forked child has this list too, and not the lock.
        let file: (identity: FileIdentity, process: pid_t)?
    }

    fileprivate typealias List = UnsafeMutablePointer<[Held]>

    /// The key, or -1 until the process has had one left.
    private static let knownKey = Atomic(-1)

    private static var key: pthread_key_t? {
        let known = knownKey.load(ordering: .acquiring)
        guard known < 0 else { return pthread_key_t(truncatingIfNeeded: known) }
        var new = pthread_key_t()
        guard pthread_key_create(&new, { forget($0) }) == 0 else { return nil }
        let (isFirst, other) = knownKey.compareExchange(
            expected: -1, desired: Int(truncatingIfNeeded: new), ordering: .acquiringAndReleasing)
        if isFirst { return new }
        pthread_key_delete(new)
        return pthread_key_t(truncatingIfNeeded: other)
    }

    /// Whether the process has a key. Without, no thread seems to hold any lock.
    static var areKnown: Bool { key != nil }

    /// How often the current thread holds a lock.
    static func count(of lock: AnyObject) -> Int {
        let lock = ObjectIdentifier(lock)
        return list?.pointee.count { $0.lock == lock } ?? 0
    }

    /// Whether the current thread keeps others from writing a file, whatever the lock that it holds.
    static func include(_ file: FileIdentity) -> Bool {
        list?.pointee.contains { $0.file.map { $0.identity == file && $0.process == getpid() } ?? false } ?? false
    }

    /// Runs `body` while the current thread holds a lock once more, which may be one on a file.
    static func holding<R>(_ lock: AnyObject, on file: FileIdentity? = nil, _ body: () throws -> R) rethrows -> R {
        guard let list = list ?? newList() else { return try body() }
        list.pointee.append(Held(lock: ObjectIdentifier(lock), file: file.map { ($0, getpid()) }))
        // Whatever `body` came to hold it has let go of.
        defer { list.pointee.removeLast() }
        return try body()
    }

    private static var list: List? {
        guard let key else { return nil }
        return pthread_getspecific(key)?.assumingMemoryBound(to: [Held].self)
    }

    private static func newList() -> List? {
        guard let key else { return nil }
        let list = List.allocate(capacity: 1)
        list.initialize(to: [])
        guard pthread_setspecific(key, list) == 0 else {
            forget(list)
            return nil
        }
        return list
    }
}

/// At the end of a thread.
private func forget(_ list: UnsafeMutableRawPointer?) {
    guard let list = list?.assumingMemoryBound(to: [LocksOfThread.Held].self) else { return }
    list.deinitialize(count: 1)
    list.deallocate()
}
