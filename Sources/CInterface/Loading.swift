import CHashDB
import HashDB

@_cdecl("hashdb_load")
package func load(
    store: OpaquePointer?, ids: UnsafePointer<UInt64>?, codes: UnsafeRawPointer?, count: Int,
    firstID: UnsafeMutablePointer<UInt64>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let store = try Handles.find(store).writable()
        let codes = try PackedCodes(codes, count: count, bitWidth: store.bitWidth, "codes")
        let given = ids == nil ? nil : try elements(ids, count, "ids")
        let first = try store.bulkLoad { loader in
            let first = given == nil && count > 0 ? loader.nextID ?? 0 : 0
            for start in stride(from: 0, to: count, by: rowsAtATime) {
                let rows = start..<min(count, start + rowsAtATime)
                try loader.append(ids: given.map { Array($0[rows]) }, packedCodes: Array(codes.bytes(rows)))
            }
            return first
        }
        firstID?.pointee = first
    }
}

/// So many are copied out of the caller's memory before they are sorted and written.
private let rowsAtATime = 1 << 18
