import CHashDB
import HashDB

@_cdecl("hashdb_create")
package func create(
    path: UnsafePointer<CChar>?, options: UnsafePointer<hashdb_options>?, bits: Int32,
    store: UnsafeMutablePointer<OpaquePointer?>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let result = try required(store, "store")
        result.pointee = nil
        let opening = try Opening(options)
        result.pointee = Handles.open(
            .store(
                try Store.create(
                    at: try text(path, "path"), collection: opening.collection, bitWidth: Int(bits),
                    model: opening.model,
                    options: opening.options)))
    }
}

@_cdecl("hashdb_open")
package func open(
    path: UnsafePointer<CChar>?, options: UnsafePointer<hashdb_options>?,
    store: UnsafeMutablePointer<OpaquePointer?>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let result = try required(store, "store")
        result.pointee = nil
        let opening = try Opening(options)
        let store = try Store.open(
            at: try text(path, "path"), collection: opening.collection, access: opening.access, options: opening.options
        )
        if let model = opening.model, model != store.model {
            throw HashDBError.collectionHasOtherModel(
                path: store.path, name: store.collection, model: store.model, wanted: model)
        }
        result.pointee = Handles.open(.store(store))
    }
}

@_cdecl("hashdb_snapshot")
package func snapshot(
    store: OpaquePointer?, threads: CInt, snapshot: UnsafeMutablePointer<OpaquePointer?>?,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let result = try required(snapshot, "snapshot")
        result.pointee = nil
        let width = try threadCount(threads)
        guard width <= 256 else { throw Failure.invalid("\(threads) threads: a snapshot is for 256 at most") }
        guard case .store(let store) = try Handles.find(store) else {
            throw Failure.invalid("this is a snapshot already")
        }
        result.pointee = Handles.open(.snapshot(try SharedSnapshot(of: store, width: width)))
    }
}

@_cdecl("hashdb_close")
package func close(store: OpaquePointer?, error: UnsafeMutablePointer<hashdb_error>?) -> CInt {
    attempt(error) { try Handles.close(store) }
}

/// What the options of a caller say.
private struct Opening {
    var collection = Store.defaultCollection
    var model: ModelIdentity?
    var access = Store.Access.readWrite
    var options = Store.Options()

    init(_ pointer: UnsafePointer<hashdb_options>?) throws {
        guard let pointer else { return }
        guard pointer.pointee.size == MemoryLayout<hashdb_options>.size else {
            throw Failure.invalid("options.size is not that of hashdb_options: start from HASHDB_OPTIONS_INIT")
        }
        let given = pointer.pointee
        if given.collection != nil { collection = try text(given.collection, "options.collection") }
        if given.model_name != nil || given.model_fingerprint != nil {
            model = ModelIdentity(
                name: try text(given.model_name, "options.model_name"),
                fingerprint: try text(given.model_fingerprint, "options.model_fingerprint"))
        }
        access = given.read_only == 0 ? .readWrite : .readOnly
        options.synchronous = given.asynchronous == 0
        if given.busy_timeout_ms != 0 { options.busyTimeout = .milliseconds(max(0, given.busy_timeout_ms)) }
    }
}
