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
    fileprivate typealias List = UnsafeMutablePointer<[ObjectIdentifier]>

    private static let key: pthread_key_t? = {
        var key = pthread_key_t()
        return pthread_key_create(&key, { forget($0) }) == 0 ? key : nil
    }()

    /// Whether the process had a key left. Without, no thread seems to hold any lock.
    static var areKnown: Bool { key != nil }

    /// How often the current thread holds a lock.
    static func count(of lock: AnyObject) -> Int {
        let lock = ObjectIdentifier(lock)
        return list?.pointee.count { $0 == lock } ?? 0
    }

    /// Runs `body` while the current thread holds a lock once more.
    static func holding<R>(_ lock: AnyObject, _ body: () throws -> R) rethrows -> R {
        guard let list = list ?? newList() else { return try body() }
        list.pointee.append(ObjectIdentifier(lock))
        // Whatever `body` came to hold it has let go of.
        defer { list.pointee.removeLast() }
        return try body()
    }

    private static var list: List? {
        guard let key else { return nil }
        return pthread_getspecific(key)?.assumingMemoryBound(to: [ObjectIdentifier].self)
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
    guard let list = list?.assumingMemoryBound(to: [ObjectIdentifier].self) else { return }
    list.deinitialize(count: 1)
    list.deallocate()
}
