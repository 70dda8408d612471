/// Reads and writes codes as digits, all of one length.
struct CodeText {
    let notation: CodeNotation
    let layout: CodeLayout
    /// The digits of a code.
    let digits: Int
    private let mask: [UInt8]

    /// Digits as in the first code of a text.
    ///
    /// Hexadecimal numbers are filled up at the left, as imagehash does it; digits of bits at the right.
    /// - Throws: `BadLine`.
    init(first text: ArraySlice<UInt8>, notation: CodeNotation, options: CodeFileOptions) throws {
        let natural = notation == .hex ? 4 * text.count : text.count
        let bitCount = options.bitCount ?? natural
        do {
            layout = try CodeLayout(
                bitCount: bitCount, order: options.bitOrder ?? .msb,
                padding: options.padding ?? (notation == .hex ? .left : .right))
        } catch {
            throw BadLine("\(quoted(text)) is no code: it would have \(bitCount) bits, and a code has 1 to 1024")
        }
        self.notation = notation
        digits = text.count
        mask = layout.mask
        let fits = notation == .bits ? [bitCount] : [(bitCount + 3) / 4, 2 * layout.byteCount]
        guard fits.contains(digits) else {
            throw BadLine("\(quoted(text)) has \(digits) digits; a code of \(bitCount) bits has \(fits[0])")
        }
        // Before anybody makes a store of a width that came from something else.
        var code: [UInt8] = []
        try append(text, to: &code)
    }

    /// What to write codes of a layout with.
    init(writing layout: CodeLayout, notation: CodeNotation) {
        self.notation = notation
        self.layout = layout
        // A number is written without the digits that are only filling. Bytes that end in filling are written whole, and so are those
        // whose lowest bit is the first: there the filling is not in the first digit.
        let isNumber = layout.padding == .left && layout.order == .msb
        digits = notation == .bits ? layout.bitCount : isNumber ? (layout.bitCount + 3) / 4 : 2 * layout.byteCount
        mask = []
    }

    /// Whether the bits of the text count, so that they are to be rearranged for a store of another layout.
    func hasBits(_ options: CodeFileOptions) -> Bool {
        notation == .bits || layout.paddingBits > 0 || options.bitOrder != nil || options.padding != nil
    }

    /// Appends the code that a text stands for. Throws `BadLine`.
    func append(_ text: ArraySlice<UInt8>, to codes: inout [UInt8]) throws {
        guard text.count == digits else {
            throw BadLine(
                text.isEmpty
                    ? "no code" : "\(quoted(text)) has \(text.count) digits and the first code \(digits)")
        }
        switch notation {
        case .bits:
            guard text.allSatisfy({ $0 | 1 == UInt8(ascii: "1") }) else {
                throw BadLine("\(quoted(text)) is no code: its digits must be 0 or 1")
            }
            layout.append(bits: text.lazy.map { $0 == UInt8(ascii: "1") }, to: &codes)
        case .hex:
            let start = codes.count
            codes.append(contentsOf: repeatElement(0, count: layout.byteCount))
            var position = layout.padding == .left ? 2 * layout.byteCount - digits : 0
            for digit in text {
                guard let value = Self.value(digit) else {
                    throw BadLine("\(quoted(text)) is no code: its digits must be 0-9, a-f")
                }
                codes[start + position / 2] |= position % 2 == 0 ? value << 4 : value
                position += 1
            }
            guard layout.paddingBits == 0 || !zip(codes[start...], mask).contains(where: { $0 & ~$1 != 0 }) else {
                throw BadLine("\(quoted(text)) has more bits than \(layout)")
            }
        }
    }

    /// Appends the digits of a code to a text.
    func write(_ code: ArraySlice<UInt8>, to text: inout [UInt8]) {
        switch notation {
        case .bits:
            text += layout.bits(of: code).lazy.map { UInt8(ascii: $0 ? "1" : "0") }
        case .hex:
            let skipped = layout.padding == .left ? 2 * layout.byteCount - digits : 0
            for position in skipped..<skipped + digits {
                let byte = code[code.startIndex + position / 2]
                text.append(Self.hexDigits[Int(position % 2 == 0 ? byte >> 4 : byte & 15)])
            }
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// The value of a hexadecimal digit.
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Whether a text reads as a code.
    static func isCode(_ text: ArraySlice<UInt8>, _ notation: CodeNotation) -> Bool {
        let most = notation == .hex ? 256 : 1024
        guard (2...most).contains(text.count) else { return false }
        return text.allSatisfy { notation == .hex ? value($0) != nil : $0 | 1 == UInt8(ascii: "1") }
    }
}
