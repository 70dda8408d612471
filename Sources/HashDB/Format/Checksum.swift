import CXXHash

/// XXH3-64 with seed 0 of the bytes.
func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 { XXH3_64bits(bytes.baseAddress, bytes.count) }

/// Values that carry only a checksum: payloads and attributes are 8 bytes of it, then the caller's bytes.
enum CheckedValue {
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var value: [UInt8] = []
        value.reserveCapacity(8 + bytes.count)
        bytes.withUnsafeBytes { value.append(number: checksum($0)) }
        value.append(contentsOf: bytes)
        return value
    }

    /// The caller's bytes, or nil if they are not those that were written.
    static func decode(_ value: UnsafeRawBufferPointer) -> [UInt8]? {
        guard value.count >= 8 else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: value[8...])
        return checksum(bytes) == value.number(at: 0) ? Array(bytes) : nil
    }
}
