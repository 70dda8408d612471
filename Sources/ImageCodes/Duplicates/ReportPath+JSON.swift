/// Paths in JSON, as `query --json` and `dump --json` write them: a byte that is not UTF-8 is the lone surrogate U+DC80 to U+DCFF, as Python
/// has it.
///
/// Strings of Swift have no lone surrogates, and Foundation neither reads nor writes them. For it such a byte is a NUL, which no path has, and two
/// hexadecimal digits; in the text of the JSON the one escape is put in the other's place.
extension ReportPath {
    /// A path as a string for Foundation.
    static func string(_ path: ImagePath) -> String {
        var result = ""
        var rest = path.bytes[...]
        while let byte = rest.first {
            let character = (1...min(4, rest.count)).lazy
                .compactMap { String(validating: rest.prefix($0), as: UTF8.self) }.first
            result += character ?? "\0" + hexadecimal([byte])
            rest = rest.dropFirst(character?.utf8.count ?? 1)
        }
        return result
    }

    /// The path of such a string; `nil` for one that has no path.
    static func path(string: String) -> ImagePath? {
        var bytes: [UInt8] = []
        var rest = Array(string.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0 else {
                bytes.append(byte)
                continue
            }
            guard let value = number(rest.prefix(2)), value >= 0x80 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: value))
            rest = rest.dropFirst(2)
        }
        return ImagePath(bytes: bytes)
    }

    /// JSON of Foundation as others read it: `\u0000ff` becomes `\udcff`.
    static func withSurrogates(_ json: String) -> String {
        replacingEscapes(in: json) { rest in
            let isByte = rest.starts(with: #"\u0000"#.utf8) && (number(rest.dropFirst(6).prefix(2)) ?? 0) >= 0x80
            return isByte ? (#"\udc"#, 6) : nil
        }
    }

    /// JSON of others as Foundation reads it: `\udcff` becomes `\u0000ff`.
    static func withoutSurrogates(_ json: String) -> String {
        replacingEscapes(in: json) { rest in
            guard rest.starts(with: #"\u"#.utf8), let unit = number(rest.dropFirst(2).prefix(4)) else { return nil }
            return switch unit {
            // The first half of a character: the second one behind it is not alone.
            case 0xD800...0xDBFF: (String(decoding: rest.prefix(8), as: UTF8.self), 8)
            case 0xDC80...0xDCFF: (#"\u0000"#, 4)
            default: nil
            }
        }
    }

    /// Puts text in the place of some bytes where an escape begins.
    private static func replacingEscapes(
        in json: String, _ replacement: (ArraySlice<UInt8>) -> (text: String, count: Int)?
    ) -> String {
        var result: [UInt8] = []
        var rest = Array(json.utf8)[...]
        while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
            result += rest[..<backslash]
            rest = rest[backslash...]
            let (text, count) = replacement(rest) ?? (String(decoding: rest.prefix(2), as: UTF8.self), 2)
            result += text.utf8
            rest = rest.dropFirst(count)
        }
        return String(decoding: result + rest, as: UTF8.self)
    }

    /// The value of hexadecimal digits.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt16? {
        UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
