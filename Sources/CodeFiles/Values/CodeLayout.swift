import HashDB

/// Which bit of a byte counts as its first.
public enum BitOrder: String, CaseIterable, Sendable {
    /// The highest: NumPy's `packbits`, the hexadecimal digits of imagehash, pgvector's `bit`.
    case msb
    /// The lowest: faiss, sqlite-vec, and `BinaryCode`'s own count.
    case lsb
}

/// Where the zeros stand that fill a code up to whole bytes.
public enum BitPadding: String, CaseIterable, Sendable {
    /// Before the first bit, as in hexadecimal numbers (imagehash).
    case left
    /// After the last bit, as `packbits` does it.
    case right
}

/// How the bits of a code lie in its bytes: how many there are, which bit of a byte is first, and where the filling is.
///
/// Distances do not depend on it as long as all codes of a store have one layout: the filling is zero in all of them. It matters
/// where codes are shown bit by bit, and where files of different layouts meet in one store. With a layout of 12 bits:
///
///     msb, right   b0 … b7 | b8 … b11 0000        numpy.packbits(bits)
///     msb, left    0000 b0 … b3 | b4 … b11        the hexadecimal number of imagehash
///     lsb, right   b7 … b0 | 0000 b11 … b8        numpy.packbits(bits, bitorder="little")
public struct CodeLayout: Hashable, Sendable, CustomStringConvertible {
    /// The bits that mean something, 1 to 1024.
    public let bitCount: Int
    /// Which bit of a byte is first.
    public var order: BitOrder
    /// Where the filling is, if `bitCount` is no multiple of 8.
    public var padding: BitPadding

    /// A layout of these parts.
    ///
    /// - Throws: `HashDBError.invalidWidth` unless there are 1 to 1024 bits.
    public init(bitCount: Int, order: BitOrder = .lsb, padding: BitPadding = .right) throws {
        guard (1...BinaryCode.widths.upperBound).contains(bitCount) else { throw HashDBError.invalidWidth(bitCount) }
        self.bitCount = bitCount
        self.order = order
        self.padding = padding
    }

    /// Bytes of a code.
    public var byteCount: Int { (bitCount + 7) / 8 }

    /// The width of a store of such codes, in bits: `bitCount` up to a multiple of 8.
    public var storedWidth: Int { 8 * byteCount }

    /// Bits that are only filling.
    public var paddingBits: Int { storedWidth - bitCount }

    /// For people: `61 bits, msb first, padded left`.
    public var description: String {
        "\(bitCount) bits, \(order.rawValue) first" + (paddingBits == 0 ? "" : ", padded \(padding.rawValue)")
    }

    /// Where bit `index` lies: the byte, and in it the mask.
    func place(ofBit index: Int) -> (byte: Int, mask: UInt8) {
        let position = padding == .left ? index + paddingBits : index
        let shift = order == .msb ? 7 - position % 8 : position % 8
        return (position / 8, 1 << UInt8(shift))
    }

    /// A byte for each byte of a code, in which the bits are set that may be.
    var mask: [UInt8] {
        (0..<bitCount).reduce(into: [UInt8](repeating: 0, count: byteCount)) { bytes, index in
            let (byte, mask) = place(ofBit: index)
            bytes[byte] |= mask
        }
    }

    /// Appends a code of the given bits, each true or false, to packed codes.
    func append(bits: some Collection<Bool>, to codes: inout [UInt8]) {
        let start = codes.count
        codes += repeatElement(0, count: byteCount)
        for (index, bit) in bits.enumerated() where bit {
            let (byte, mask) = place(ofBit: index)
            codes[start + byte] |= mask
        }
    }

    /// The bits of a code in their order.
    func bits(of code: ArraySlice<UInt8>) -> [Bool] {
        (0..<bitCount).map { index in
            let (byte, mask) = place(ofBit: index)
            return code[code.startIndex + byte] & mask != 0
        }
    }
}

// MARK: - In a store

extension CodeLayout {
    static let attribute = "code-layout"

    /// As a store keeps it, in its attribute `code-layout`: `bits=61 order=msb padding=left`.
    var encoded: [UInt8] {
        Array("bits=\(bitCount) order=\(order.rawValue) padding=\(padding.rawValue)".utf8)
    }

    /// Nil where the bytes are no layout of a store of that width.
    init?(decoding bytes: [UInt8], storedWidth: Int) {
        var values: [Substring: Substring] = [:]
        for field in String(decoding: bytes, as: UTF8.self).split(separator: " ") {
            let parts = field.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            values[parts[0]] = parts[1]
        }
        guard let bits = values["bits"].flatMap({ Int($0) }),
            let order = values["order"].flatMap({ BitOrder(rawValue: String($0)) }),
            let padding = values["padding"].flatMap({ BitPadding(rawValue: String($0)) }),
            let layout = try? CodeLayout(bitCount: bits, order: order, padding: padding),
            layout.storedWidth == storedWidth
        else { return nil }
        self = layout
    }
}

extension Snapshot {
    /// How the bits of the store's codes lie in their bytes: as recorded by an import, or else all bits, the lowest first.
    ///
    /// - Throws: `HashDBError.damaged`.
    public var codeLayout: CodeLayout {
        get throws {
            if let bytes = try attribute(CodeLayout.attribute),
                let layout = CodeLayout(decoding: bytes, storedWidth: bitWidth)
            {
                return layout
            }
            return try CodeLayout(bitCount: bitWidth)
        }
    }
}

extension Transaction {
    /// Records how the bits of the store's codes lie in their bytes; the codes themselves stay as they are.
    ///
    /// - Throws: `HashDBError.codeWidthMismatch` if the layout is of another width than the store.
    public mutating func setCodeLayout(_ layout: CodeLayout) throws {
        guard layout.storedWidth == bitWidth else {
            throw HashDBError.codeWidthMismatch(expected: bitWidth, found: layout.storedWidth)
        }
        try setAttribute(layout.encoded, forKey: CodeLayout.attribute)
    }
}
