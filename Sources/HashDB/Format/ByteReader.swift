/// Reads numbers and bytes one after the other; nil where there are not enough.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number<T: FixedWidthInteger>(_ type: T.Type) -> T? {
        bytes(T.bitWidth / 8)?.withUnsafeBytes { $0.number(at: 0) }
    }

    /// Nil, too, where the number has more than 64 bits.
    mutating func leb128() -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            let part = UInt64(byte & 127)
            guard (part << shift) >> shift == part else { return nil }
            number |= part << shift
            if byte < 128 { return number }
        }
        return nil
    }

    /// Nil, too, where the bytes are not UTF-8.
    mutating func text(_ count: Int) -> String? {
        bytes(count).flatMap { String(validating: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// Adds a number in groups of 7 bits, the lowest first.
    mutating func append(leb128 number: UInt64) {
        var rest = number
        while rest > 127 {
            append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
