import CHashDB
import HashDB

@_cdecl("hashdb_bits")
package func bits(
    store: OpaquePointer?, bits: UnsafeMutablePointer<Int32>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) { try required(bits, "bits").pointee = Int32(try Handles.find(store).store.bitWidth) }
}

@_cdecl("hashdb_count")
package func count(
    store: OpaquePointer?, count: UnsafeMutablePointer<Int>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) { try required(count, "count").pointee = try Handles.find(store).read { $0.count } }
}

@_cdecl("hashdb_commit_number")
package func commitNumber(
    store: OpaquePointer?, number: UnsafeMutablePointer<UInt64>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) { try required(number, "number").pointee = try Handles.find(store).read { $0.commitNumber } }
}

@_cdecl("hashdb_model")
package func model(
    store: OpaquePointer?, name: UnsafeMutablePointer<CChar>?, fingerprint: UnsafeMutablePointer<CChar>?,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let name = try room(name, Int(HASHDB_MODEL_BYTES), "name")
        let fingerprint = try room(fingerprint, Int(HASHDB_MODEL_BYTES), "fingerprint")
        let model = try Handles.find(store).store.model
        copy(model?.name ?? "", to: UnsafeMutableRawBufferPointer(name))
        copy(model?.fingerprint ?? "", to: UnsafeMutableRawBufferPointer(fingerprint))
    }
}
