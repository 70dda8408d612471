/// Reads the JSON of a safetensors header, and nothing else.
///
/// General parsers are too kind for untrusted files: they keep one of two equal keys, and turn numbers into doubles.
/// This grammar has exactly the three levels of the format, so depth needs no limit.
struct SafetensorsParser {
    /// A tensor as the header tells it, unchecked.
    struct TensorDescription {
        let name: String
        let type: String
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The whole header: an object, then nothing but spaces.
    mutating func parseHeader() throws -> (tensors: [TensorDescription], metadata: [String: String]) {
        var tensors: [TensorDescription] = []
        var metadata: [String: String] = [:]
        guard bytes.first == UInt8(ascii: "{") else { throw SafetensorsFlaw("its header is not a JSON object") }
        try parseObject { parser, name in
            if name == "__metadata__" {
                try parser.parseObject { metadata[$1] = try $0.parseString() }
            } else {
                guard tensors.count < SafetensorsHeader.largestTensorCount else {
                    throw SafetensorsFlaw("it holds more than \(SafetensorsHeader.largestTensorCount) tensors")
                }
                tensors.append(try parser.parseTensor(named: name))
            }
        }
        guard bytes[position...].allSatisfy({ $0 == UInt8(ascii: " ") }) else {
            throw SafetensorsFlaw("something follows its header's object")
        }
        return (tensors, metadata)
    }

    private mutating func parseTensor(named name: String) throws -> TensorDescription {
        guard name.utf8.count <= SafetensorsHeader.longestName else {
            throw SafetensorsFlaw("a tensor's name has more than \(SafetensorsHeader.longestName) bytes")
        }
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        try parseObject { parser, key in
            switch key {
            case "dtype": type = try parser.parseString()
            case "shape": shape = try parser.parseIntegers()
            case "data_offsets": offsets = try parser.parseIntegers()
            default: throw SafetensorsFlaw("tensor \"\(name)\" has the unknown field \"\(key)\"")
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw SafetensorsFlaw("tensor \"\(name)\" lacks its type, shape or two offsets")
        }
        return TensorDescription(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
    }

    /// `{ "key": value, … }` with different keys; `parseValue` reads one value.
    private mutating func parseObject(_ parseValue: (inout SafetensorsParser, String) throws -> Void) throws {
        var keys: Set<String> = []
        try expect("{")
        if skip("}") { return }
        repeat {
            let key = try parseString()
            guard keys.insert(key).inserted else { throw SafetensorsFlaw("the key \"\(key)\" stands twice") }
            try expect(":")
            try parseValue(&self, key)
        } while skip(",")
        try expect("}")
    }

    /// `[ 1, 2, … ]`.
    private mutating func parseIntegers() throws -> [Int] {
        var integers: [Int] = []
        try expect("[")
        if skip("]") { return [] }
        repeat {
            integers.append(try parseInteger())
        } while skip(",")
        try expect("]")
        return integers
    }

    /// Digits alone, without a leading zero, at most 2^48 − 1 as the format's schema says.
    private mutating func parseInteger() throws -> Int {
        skipSpace()
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        position += digits.count
        guard let first = digits.first, digits.count <= 15, digits.count == 1 || first != UInt8(ascii: "0") else {
            throw flaw("a whole number was expected")
        }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard value < 1 << 48 else { throw flaw("a number is too large") }
        return value
    }

    /// A string with JSON's escapes, in correct UTF-8.
    private mutating func parseString() throws -> String {
        try expect("\"")
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: content, as: UTF8.self) else {
                    throw flaw("a string is not correct UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                content += try parseEscape()
            case 0..<0x20:
                throw flaw("a string holds a control character")
            default:
                content.append(byte)
            }
        }
        throw flaw("a string does not end")
    }

    private mutating func parseEscape() throws -> [UInt8] {
        guard position < bytes.count else { throw flaw("a string does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try parseUnicodeEscape()
        default: throw flaw("a string holds an unknown escape")
        }
    }

    /// Four hexadecimal digits, or two groups of them that make a surrogate pair.
    private mutating func parseUnicodeEscape() throws -> [UInt8] {
        var units = [try parseHexUnit()]
        if UTF16.isLeadSurrogate(units[0]) {
            guard bytes[position...].starts(with: Array("\\u".utf8)) else { throw flaw("half a surrogate pair") }
            position += 2
            units.append(try parseHexUnit())
        }
        guard let string = String(validating: units, as: UTF16.self) else { throw flaw("half a surrogate pair") }
        return Array(string.utf8)
    }

    private mutating func parseHexUnit() throws -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw flaw("an escape lacks its four digits") }
        position += 4
        return unit
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    /// Steps over the character where it is next.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard skip(character) else { throw flaw("'\(character)' was expected") }
    }

    private func flaw(_ reason: String) -> SafetensorsFlaw {
        SafetensorsFlaw("\(reason) at byte \(8 + position), in its header")
    }
}
