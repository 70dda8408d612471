/// The bytes of a number, the lowest first.
func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

/// The little-endian numbers of 64 bits in these bytes.
func numbers(_ bytes: [UInt8]) -> [UInt64] {
    bytes.withUnsafeBytes { bytes in
        (0..<bytes.count / 8).map {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
        }
    }
}

extension Array where Element == UInt8 {
    /// The little-endian number of 2, 4 or 8 bytes at an offset; −1 for one that is out of reason, 0 past the end.
    func number(at offset: Int, bytes: Int) -> Int {
        guard offset >= 0, offset + bytes <= count else { return 0 }
        let value = self[offset..<offset + bytes].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(exactly: value) ?? -1
    }
}
