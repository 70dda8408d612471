import CHamming

/// A string of bits that stands for something, so that things that are alike have codes that differ in few bits.
///
/// ```swift
/// let a = try BinaryCode(hex: "00ff00ff")
/// let b = try BinaryCode(hex: "00ff00fe")
/// print(a.hammingDistance(to: b))  // 1
/// ```
///
/// The width is a multiple of 8 from 8 to 1024 bits. Bit i is bit i mod 8 of byte i div 8. Codes of up to 256 bits are stored
/// in place, without an allocation.
public struct BinaryCode: Hashable, Sendable {
    /// The widths that a code may have, in bits; only multiples of 8 among them.
    public static let widths = 8...1024

    /// The number of bits.
    public let bitWidth: Int

    private enum Words: Hashable {
        case inline(UInt64, UInt64, UInt64, UInt64)
        case array([UInt64])
    }
    // Little-endian words, the bits past the width zero.
    private var words: Words

    /// A code of zeros.
    ///
    /// - Throws: `HashDBError.invalidWidth` unless `bitWidth` is a multiple of 8 from 8 to 1024.
    public init(zeros bitWidth: Int) throws {
        guard Self.widths.contains(bitWidth), bitWidth % 8 == 0 else { throw HashDBError.invalidWidth(bitWidth) }
        self.bitWidth = bitWidth
        words = bitWidth <= 256 ? .inline(0, 0, 0, 0) : .array(Array(repeating: 0, count: (bitWidth + 63) / 64))
    }

    /// The code whose packed bytes these are.
    ///
    /// - Throws: `HashDBError.invalidWidth` unless there are 1 to 128 bytes.
    public init(bytes: some Collection<UInt8>) throws {
        let (bits, isTooLong) = bytes.count.multipliedReportingOverflow(by: 8)
        try self.init(zeros: isTooLong ? .max : bits)
        withUnsafeMutableBytes { target in
            let copied: Void? = bytes.withContiguousStorageIfAvailable {
                target.copyMemory(from: UnsafeRawBufferPointer($0))
            }
            if copied == nil { target.copyBytes(from: bytes) }
        }
    }

    /// The code that is written as two hexadecimal digits for each byte, the first byte first.
    ///
    /// - Throws: `HashDBError.invalidHex` if there is another character or an odd number of digits; `invalidWidth`.
    public init(hex: String) throws {
        let digits = Array(hex.utf8)
        guard digits.count % 2 == 0, !digits.isEmpty else { throw HashDBError.invalidHex(hex) }
        let bytes = try stride(from: 0, to: digits.count, by: 2).map { i in
            guard let high = HexDigits.value(digits[i]), let low = HexDigits.value(digits[i + 1]) else {
                throw HashDBError.invalidHex(hex)
            }
            return high << 4 | low
        }
        try self.init(bytes: bytes)
    }

    /// The code of these bits, the first of which is bit 0.
    ///
    /// - Throws: `HashDBError.invalidWidth` unless their number is a multiple of 8 from 8 to 1024.
    public init(bits: some Sequence<Bool>) throws {
        var bytes: [UInt8] = []
        var count = 0
        for bit in bits {
            if count % 8 == 0 { bytes.append(0) }
            if bit { bytes[bit: count] = true }
            count += 1
            // An endless sequence is no code either.
            guard count <= Self.widths.upperBound else { throw HashDBError.invalidWidth(count) }
        }
        guard count % 8 == 0 else { throw HashDBError.invalidWidth(count) }
        try self.init(bytes: bytes)
    }

    /// The code of the bits of an integer, as wide as its type. The most significant byte comes first, so that `hex` has the integer's digits.
    ///
    /// ```swift
    /// let code = BinaryCode(UInt64(0x0123_4567_89ab_cdef))
    /// print(code.hex)  // 0123456789abcdef
    /// print(UInt64(exactly: code) == 0x0123_4567_89ab_cdef)  // true
    /// ```
    ///
    /// A hash in a signed integer has the code of its bit pattern: `BinaryCode(UInt64(bitPattern: hash))`. `UInt` is 64 bits wide on most systems, not on
    /// all.
    /// - Precondition: The type's width is a multiple of 8 from 8 to 256 bits, as are those of the standard library.
    /// - Complexity: O(1).
    public init(_ value: some FixedWidthInteger & UnsignedInteger) {
        let bitWidth = value.bitWidth
        precondition((8...256).contains(bitWidth) && bitWidth % 8 == 0, "an integer of \(bitWidth) bits")
        /// The bits from the top on, 64 for each index.
        func word(_ index: Int) -> UInt64 {
            let below = bitWidth - 64 * (index + 1)
            if below <= -64 { return 0 }
            let low = UInt64(truncatingIfNeeded: below > 0 ? value >> below : value)
            return (below < 0 ? low << -below : low).byteSwapped
        }
        self.bitWidth = bitWidth
        words = .inline(word(0), word(1), word(2), word(3))
    }

    /// The packed bytes, `bitWidth` / 8 of them.
    ///
    /// - Complexity: O(`bitWidth`): each call makes an array.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The bytes as lower-case hexadecimal digits, the first byte first.
    ///
    /// - Complexity: O(`bitWidth`): each call makes a string.
    public var hex: String { withUnsafeBytes { HexDigits.text(of: $0) } }

    /// A bit of the code.
    ///
    /// - Precondition: `index` is at least 0 and less than `bitWidth`.
    /// - Complexity: O(1). To set a bit of a code of more than 256 bits of which there is another copy is O(`bitWidth`), once.
    public subscript(bit index: Int) -> Bool {
        get {
            precondition((0..<bitWidth).contains(index), "bit \(index) of a code of \(bitWidth) bits")
            return withUnsafeBytes { $0[bit: index] }
        }
        set {
            precondition((0..<bitWidth).contains(index), "bit \(index) of a code of \(bitWidth) bits")
            withUnsafeMutableBytes { bytes in
                var bytes = bytes
                bytes[bit: index] = newValue
            }
        }
    }

    /// In how many bits the two codes differ. Codes of different widths are compared as if the shorter ended in zeros.
    ///
    /// - Complexity: O(`bitWidth`): for 64 bits a few nanoseconds.
    public func hammingDistance(to other: BinaryCode) -> Int {
        guard bitWidth <= other.bitWidth else { return other.hammingDistance(to: self) }
        return withUnsafeBytes { a in
            other.withUnsafeBytes { b in
                let common = hamming_distance(a.baseAddress, b.baseAddress, a.count)
                return b[a.count...].reduce(Int(common)) { $0 + $1.nonzeroBitCount }
            }
        }
    }

    /// The packed bytes in place.
    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        switch words {
        case .inline(let a, let b, let c, let d):
            return try Swift.withUnsafeBytes(of: (a.littleEndian, b.littleEndian, c.littleEndian, d.littleEndian)) {
                try body(UnsafeRawBufferPointer(rebasing: $0[..<(bitWidth / 8)]))
            }
        case .array(let words):
            return try words.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<(bitWidth / 8)])) }
        }
    }

    private mutating func withUnsafeMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
        let count = bitWidth / 8
        switch words {
        case .inline(let a, let b, let c, let d):
            var tuple = (a, b, c, d)
            defer { words = .inline(tuple.0, tuple.1, tuple.2, tuple.3) }
            return Swift.withUnsafeMutableBytes(of: &tuple) {
                body(UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
            }
        case .array(var array):
            // So that the array has one owner and is changed where it is.
            words = .inline(0, 0, 0, 0)
            defer { words = .array(array) }
            return array.withUnsafeMutableBytes { body(UnsafeMutableRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}

extension BinaryCode: LosslessStringConvertible {
    /// The code in hexadecimal.
    public var description: String { hex }

    /// The code that a text is the description of, with small or capital letters; nil if it is none.
    public init?(_ description: String) { try? self.init(hex: description) }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// The integer whose code that is, as `BinaryCode(_:)` makes it: the first byte is the most significant. Nil unless the code is as wide as the type.
    ///
    /// - Complexity: O(`bitWidth`).
    public init?(exactly code: BinaryCode) {
        guard code.bitWidth == Self.bitWidth else { return nil }
        self = code.withUnsafeBytes { $0.reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) } }
    }
}
