import CXXHash

/// XXH3-64 of the bytes.
func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    XXH3_64bits_withSeed(bytes.baseAddress, bytes.count, seed)
}

/// Values that carry only a checksum: payloads and attributes are 8 bytes of it, then the caller's bytes.
///
/// The seed is a hash of the key, so that a value under another's key is not believed. Earlier builds had the seed 0.
enum CheckedValue {
    static func encode(_ bytes: [UInt8], under key: UnsafeRawBufferPointer) -> [UInt8] {
        var value: [UInt8] = []
        value.reserveCapacity(8 + bytes.count)
        bytes.withUnsafeBytes { value.append(number: checksum($0, seed: checksum(key))) }
        value.append(contentsOf: bytes)
        return value
    }

    /// The caller's bytes, or nil if they are not those that were written under the key.
    static func decode(_ value: UnsafeRawBufferPointer, under key: UnsafeRawBufferPointer) -> [UInt8]? {
        guard value.count >= 8 else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: value[8...])
        let expected: UInt64 = value.number(at: 0)
        return [checksum(key), 0].contains { checksum(bytes, seed: $0) == expected } ? Array(bytes) : nil
    }
}
