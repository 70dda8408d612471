#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The descriptors by which this process locks files with `flock`.
///
/// A forked child has them too, and with them the locks: what its parent had locked would stay so after the parent's death, for as long as the
/// child lives. They are therefore closed in the child, before it does anything else.
enum LockDescriptors {
    nonisolated(unsafe) private static var all: [Int32] = []
    nonisolated(unsafe) private static let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        return mutex
    }()
    /// Whether forks are heard of. If not, children have the locks.
    private static let hearsOfForks: Bool = {
        let isHeard = pthread_atfork({ lock() }, { unlock() }, { closeAll() })
        return isHeard == 0
    }()

    static func add(_ descriptor: Int32) {
        _ = hearsOfForks
        lock()
        all.append(descriptor)
        unlock()
    }

    /// Closes a descriptor, in the process that has added it.
    static func close(_ descriptor: Int32) {
        lock()
        if let index = all.firstIndex(of: descriptor) { all.remove(at: index) }
        closeFile(descriptor)
        unlock()
    }

    private static func lock() { pthread_mutex_lock(mutex) }
    private static func unlock() { pthread_mutex_unlock(mutex) }

    /// In the child, whose one thread has the mutex.
    private static func closeAll() {
        for descriptor in all { closeFile(descriptor) }
        all.removeAll(keepingCapacity: true)
        unlock()
    }
}

private func closeFile(_ descriptor: Int32) { close(descriptor) }
