import HashDB
import Synchronization

/// What a handle of the C interface stands for.
enum Handle: Sendable {
    case store(Store)
    case snapshot(SharedSnapshot)

    /// The store that it is, or is a snapshot of.
    var store: Store {
        switch self {
        case .store(let store): store
        case .snapshot(let snapshot): snapshot.store
        }
    }

    /// Runs `body` on the last commit of a store, or on the one of a snapshot.
    func read<R: Sendable>(_ body: (borrowing Snapshot) throws -> R) throws -> R {
        switch self {
        case .store(let store): try store.read(body)
        case .snapshot(let snapshot): try snapshot.read(body)
        }
    }

    /// The store to write to.
    func writable() throws -> Store {
        guard case .store(let store) = self else { throw HashDBError.readOnly(path: store.path) }
        return store
    }
}

/// The open handles. C gets numbers in the place of addresses: what a closed one stands for can always be told, and what a call has looked up
/// lives until the call has finished, whoever closes it meanwhile.
enum Handles {
    private struct Table {
        var last: UInt = 0
        var handles: [UInt: Handle] = [:]
    }
    private static let table = Mutex(Table())

    static func open(_ handle: Handle) -> OpaquePointer? {
        table.withLock { table in
            table.last += 1
            table.handles[table.last] = handle
            return OpaquePointer(bitPattern: table.last)
        }
    }

    static func find(_ number: OpaquePointer?) throws -> Handle {
        guard let handle = table.withLock({ $0.handles[UInt(bitPattern: number)] }) else { throw Failure.closed }
        return handle
    }

    static func close(_ number: OpaquePointer?) throws {
        // The end of a store takes its time, and others need not wait for it.
        let handle = table.withLock { $0.handles.removeValue(forKey: UInt(bitPattern: number)) }
        guard handle != nil else { throw Failure.closed }
    }
}
