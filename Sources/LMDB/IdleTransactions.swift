import CLMDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Read transactions that have ended and wait to be used again.
///
/// To renew one takes no lock that processes share, and its cost does not grow with the number of databases that might be open, as that of a
/// new one does, which clears a table of all. While it waits it sees no commit, so that no page is kept for it.
final class IdleTransactions: Sendable {
    /// LMDB lets a transaction go from thread to thread, as the environment is opened with `MDB_NOTLS`.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// As many as threads are likely to read at a time. More are ended for good: each holds one of the places for readers that all processes
    /// share.
    private static let capacity = min(32, max(8, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    private let handles = Mutex<[Handle]>([])

    /// One to be renewed, if there is any.
    func take() -> OpaquePointer? { handles.withLock { $0.popLast() }?.pointer }

    /// Ends a transaction.
    func keep(_ pointer: OpaquePointer) {
        mdb_txn_reset(pointer)
        let handle = Handle(pointer: pointer)
        let isKept = handles.withLock { handles in
            guard handles.count < Self.capacity else { return false }
            handles.append(handle)
            return true
        }
        if !isKept { mdb_txn_abort(pointer) }
    }

    /// Ends all for good, before the environment is closed.
    func endAll() {
        while let pointer = take() { mdb_txn_abort(pointer) }
    }
}
