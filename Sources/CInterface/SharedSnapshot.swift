import HashDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One commit of a store, for several threads at once: each uses a read transaction of its own, all of the same commit.
final class SharedSnapshot: Sendable {
    /// A transaction, which one thread at a time may use.
    private final class Place: @unchecked Sendable {
        private let lock = Mutex<Void>(())
        let snapshot: Snapshot

        init(_ snapshot: consuming Snapshot) { self.snapshot = snapshot }

        func read<R: Sendable>(_ body: (borrowing Snapshot) throws -> R) throws -> R {
            try lock.withLock { _ in try body(snapshot) }
        }

        /// nil if another thread is using it.
        func readIfFree<R: Sendable>(_ body: (borrowing Snapshot) throws -> R) throws -> R? {
            try lock.withLockIfAvailable { _ in try body(snapshot) }
        }
    }

    let store: Store
    private let places: [Place]
    private let processID = getpid()
    /// How many threads can use it at once.
    var width: Int { places.count }

    init(of store: Store, width: Int) throws {
        self.store = store
        places = try Self.places(in: store, count: width)
    }

    private static func places(in store: Store, count: Int) throws -> [Place] {
        for _ in 0..<10 {
            for _ in 0..<100 {
                if let places = try placesOfOneCommit(in: store, count: count) { return places }
            }
            // Commits come faster than that; where the store can only be read they go on coming.
            let places = try store.withoutCommits { try placesOfOneCommit(in: store, count: count) }
            if let places { return places }
        }
        throw HashDBError.busy(path: store.path)
    }

    /// nil if another commit came between.
    private static func placesOfOneCommit(in store: Store, count: Int) throws -> [Place]? {
        let first = Place(try store.heldSnapshot())
        var places = [first]
        while places.count < count {
            let next = Place(try store.heldSnapshot())
            guard next.snapshot.commitIdentity == first.snapshot.commitIdentity else { return nil }
            places.append(next)
        }
        return places
    }

    /// Runs `body` as soon as a transaction is free.
    func read<R: Sendable>(_ body: (borrowing Snapshot) throws -> R) throws -> R {
        try readIfFree(body) ?? places[0].read(body)
    }

    /// Runs `body` if a transaction is free.
    func readIfFree<R: Sendable>(_ body: (borrowing Snapshot) throws -> R) throws -> R? {
        guard getpid() == processID else {
            let reason = "a snapshot made before fork; make one in the child process"
            throw HashDBError.system(path: store.path, code: Int(EINVAL), reason: reason)
        }
        for place in places {
            if let result = try place.readIfFree(body) { return result }
        }
        return nil
    }
}
