// Reading and writing the format's numbers, which are little-endian and unaligned.

extension UnsafeRawBufferPointer {
    /// The number at a byte. The caller has checked that it lies within.
    func number<T: FixedWidthInteger>(at offset: Int, as type: T.Type = T.self) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

extension UnsafeRawPointer {
    /// The number at a byte. The caller has checked that it lies within.
    func number<T: FixedWidthInteger>(at offset: Int, as type: T.Type = T.self) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

extension Array where Element == UInt8 {
    /// Adds a number's bytes.
    mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// Adds a number of 32 bits, of which bit i is 1 where flag i is set.
    mutating func append(flags: [Bool]) {
        append(number: flags.enumerated().reduce(UInt32(0)) { $0 | ($1.element ? 1 << UInt32($1.offset) : 0) })
    }

    /// Replaces the bytes at `offset` by a number's.
    mutating func set<T: FixedWidthInteger>(number: T, at offset: Int) {
        withUnsafeMutableBytes { $0.storeBytes(of: number.littleEndian, toByteOffset: offset, as: T.self) }
    }
}
