import CHashDB
import HashDB

@_cdecl("hashdb_codes")
package func codes(
    store: OpaquePointer?, ids: UnsafePointer<UInt64>?, count: Int, codes: UnsafeMutableRawPointer?,
    found: UnsafeMutablePointer<UInt8>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let handle = try Handles.find(store)
        let ids = try elements(ids, count, "ids")
        let target = try CodeRoom(codes, count: count, bitWidth: handle.store.bitWidth)
        try handle.read { snapshot in
            for (index, id) in ids.enumerated() {
                let code = try snapshot.code(of: id)
                guard found != nil || code != nil else { throw HashDBError.unknownID(id) }
                target.set(index, code)
                found?[index] = code == nil ? 0 : 1
            }
        }
    }
}

@_cdecl("hashdb_items")
package func items(
    store: OpaquePointer?, first: UInt64, capacity: Int, ids: UnsafeMutablePointer<UInt64>?,
    codes: UnsafeMutableRawPointer?, count: UnsafeMutablePointer<Int>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let handle = try Handles.find(store)
        let count = try required(count, "count")
        count.pointee = 0
        let ids = try room(ids, capacity, "ids")
        let target = codes == nil ? nil : try CodeRoom(codes, count: capacity, bitWidth: handle.store.bitWidth)
        guard capacity > 0 else { return }
        count.pointee = try handle.read { snapshot in
            var filled = 0
            try snapshot.forEachItem(from: first, payloads: false) { item in
                ids[filled] = item.id
                target?.set(filled, item.code)
                filled += 1
                return filled < capacity
            }
            return filled
        }
    }
}

/// A caller's memory for codes, one after the other.
private struct CodeRoom {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let codeBytes: Int

    init(_ pointer: UnsafeMutableRawPointer?, count: Int, bitWidth: Int) throws {
        codeBytes = bitWidth / 8
        try checkSize(count, of: codeBytes, "the number of codes")
        bytes = try room(pointer?.assumingMemoryBound(to: UInt8.self), count * codeBytes, "codes")
    }

    /// Fills in a code; zeros for nil.
    func set(_ index: Int, _ code: BinaryCode?) {
        let place = UnsafeMutableRawBufferPointer(
            UnsafeMutableBufferPointer(rebasing: bytes[index * codeBytes..<(index + 1) * codeBytes]))
        if let code {
            code.withUnsafeBytes { place.copyMemory(from: $0) }
        } else {
            _ = place.initializeMemory(as: UInt8.self, repeating: 0)
        }
    }
}
