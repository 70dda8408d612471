import CHashDB
import HashDB

@_cdecl("hashdb_insert")
package func insert(
    store: OpaquePointer?, ids: UnsafePointer<UInt64>?, codes: UnsafeRawPointer?, count: Int,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let store = try Handles.find(store).writable()
        // NULL is no wish for the next ids here: that is hashdb_append.
        _ = try elements(ids, count, "ids")
        try apply([try Change(.insert, ids, codes, count, store)], to: store)
    }
}

@_cdecl("hashdb_append")
package func append(
    store: OpaquePointer?, codes: UnsafeRawPointer?, count: Int, firstID: UnsafeMutablePointer<UInt64>?,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let store = try Handles.find(store).writable()
        let codes = try PackedCodes(codes, count: count, bitWidth: store.bitWidth, "codes")
        // Not written to firstID at once: where that is NULL, Swift would not come to the right side.
        let first = try store.write { transaction in
            var first: UInt64?
            for index in 0..<count {
                let id = try transaction.insert(code: try codes[index])
                first = first ?? id
            }
            return first ?? 0
        }
        firstID?.pointee = first
    }
}

@_cdecl("hashdb_upsert")
package func upsert(
    store: OpaquePointer?, ids: UnsafePointer<UInt64>?, codes: UnsafeRawPointer?, count: Int,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let store = try Handles.find(store).writable()
        try apply([try Change(.upsert, ids, codes, count, store)], to: store)
    }
}

@_cdecl("hashdb_delete")
package func delete(
    store: OpaquePointer?, ids: UnsafePointer<UInt64>?, count: Int, deleted: UnsafeMutablePointer<Int>?,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let store = try Handles.find(store).writable()
        let removed = try apply([try Change(.delete, ids, nil, count, store)], to: store)
        deleted?.pointee = removed
    }
}

@_cdecl("hashdb_apply")
package func apply(
    store: OpaquePointer?, changes: UnsafePointer<hashdb_change>?, count: Int, deleted: UnsafeMutablePointer<Int>?,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let store = try Handles.find(store).writable()
        let changes = try elements(changes, count, "changes").map { try Change($0, store) }
        let removed = try apply(changes, to: store)
        deleted?.pointee = removed
    }
}

@_cdecl("hashdb_fold")
package func fold(store: OpaquePointer?, error: UnsafeMutablePointer<hashdb_error>?) -> CInt {
    attempt(error) { try Handles.find(store).writable().fold() }
}

/// What a caller wants changed.
private struct Change {
    enum Kind {
        case insert
        case upsert
        case delete
    }

    let kind: Kind
    /// nil: those that follow the largest.
    let ids: UnsafeBufferPointer<UInt64>?
    let codes: PackedCodes

    init(
        _ kind: Kind, _ ids: UnsafePointer<UInt64>?, _ codes: UnsafeRawPointer?, _ count: Int, _ store: Store
    ) throws {
        self.kind = kind
        self.ids = kind == .insert && ids == nil ? nil : try elements(ids, count, "ids")
        self.codes = try PackedCodes(codes, count: kind == .delete ? 0 : count, bitWidth: store.bitWidth, "codes")
    }

    init(_ change: hashdb_change, _ store: Store) throws {
        let kind: Kind
        switch UInt32(bitPattern: change.kind) {
        case HASHDB_INSERT.rawValue: kind = .insert
        case HASHDB_UPSERT.rawValue: kind = .upsert
        case HASHDB_DELETE.rawValue: kind = .delete
        default: throw Failure.invalid("there is no change of kind \(change.kind)")
        }
        try self.init(kind, change.ids, change.codes, change.count, store)
    }

    /// Returns how many items were removed.
    func apply(to transaction: inout Transaction) throws -> Int {
        guard let ids else {
            for index in 0..<codes.count { _ = try transaction.insert(code: try codes[index]) }
            return 0
        }
        var removed = 0
        for (index, id) in ids.enumerated() {
            switch kind {
            case .insert: try transaction.insert(id, code: try codes[index])
            case .upsert: try transaction.upsert(id, code: try codes[index])
            case .delete: removed += try transaction.delete(id) ? 1 : 0
            }
        }
        return removed
    }
}

@discardableResult
private func apply(_ changes: [Change], to store: Store) throws -> Int {
    try store.write { transaction in
        try changes.reduce(0) { try $0 + $1.apply(to: &transaction) }
    }
}
