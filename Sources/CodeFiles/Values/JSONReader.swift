/// Why bytes are no JSON.
package struct JSONError: Error, CustomStringConvertible {
    private let reason: String
    private let byte: Int

    fileprivate init(_ reason: String, byte: Int) {
        self.reason = reason
        self.byte = byte
    }

    /// The reason and the place.
    package var description: String { "\(reason) at byte \(byte)" }
}

/// Parses JSON (RFC 8259) into values, strictly: nothing may follow, and no object has two members of one name.
///
/// A string that is not Unicode is a `.text`: one with bytes that are no UTF-8, or with a lone surrogate from U+DC80 to U+DCFF, which stands for
/// such a byte, as `JSONValue` writes it. Names must be Unicode. Whole numbers come out as `.unsigned`, or `.integer` below zero, where they fit,
/// others as `.number`.
package struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// Values within values within values: more of them than anybody writes would fill the stack.
    private static let deepest = 64

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// The value that the bytes are.
    package static func read(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpaces()
        guard reader.position == bytes.endIndex else { throw reader.bad("something follows the value") }
        return value
    }

    private func bad(_ reason: String) -> JSONError {
        JSONError(reason, byte: position - bytes.startIndex + 1)
    }

    private var byte: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipSpaces() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func accept(_ character: UInt8) -> Bool {
        skipSpaces()
        guard byte == character else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.deepest else { throw bad("values too deep in one another") }
        skipSpaces()
        switch byte {
        case UInt8(ascii: "\"")?: return try text()
        case UInt8(ascii: "{")?: return try object(depth: depth)
        case UInt8(ascii: "[")?:
            position += 1
            var values: [JSONValue] = []
            if accept(UInt8(ascii: "]")) { return .array(values) }
            repeat { values.append(try value(depth: depth + 1)) } while accept(UInt8(ascii: ","))
            guard accept(UInt8(ascii: "]")) else { throw bad("',' or ']' expected") }
            return .array(values)
        case UInt8(ascii: "t")?: return try word("true", .bool(true))
        case UInt8(ascii: "f")?: return try word("false", .bool(false))
        case UInt8(ascii: "n")?: return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw bad("a value expected") }
        position += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        if accept(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpaces()
            guard byte == UInt8(ascii: "\"") else { throw bad("a name expected") }
            guard case .string(let name) = try text() else { throw bad("a name that is not Unicode") }
            guard accept(UInt8(ascii: ":")) else { throw bad("':' expected") }
            members.append(.init(name, try value(depth: depth + 1)))
        } while accept(UInt8(ascii: ","))
        guard accept(UInt8(ascii: "}")) else { throw bad("',' or '}' expected") }
        guard Self.haveDistinctNames(members) else { throw bad("two members of one name") }
        return .object(members)
    }

    private static func haveDistinctNames(_ members: [JSONValue.Member]) -> Bool {
        // Lines of a file have a few members each: to hash their names would take a good part of the time to read the lines.
        guard members.count <= 8 else { return Set(members.map(\.name)).count == members.count }
        return members.indices.allSatisfy { index in
            !members[..<index].contains { $0.name == members[index].name }
        }
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isWhole = true
        if byte == UInt8(ascii: "-") { position += 1 }
        let first = byte
        let whole = try digits()
        guard whole == 1 || first != UInt8(ascii: "0") else { throw bad("a number that begins with 0") }
        if byte == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            _ = try digits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            _ = try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole {
            if let value = UInt64(text) { return .unsigned(value) }
            if let value = Int(text) { return .integer(value) }
        }
        guard let value = Double(text), value.isFinite else { throw bad("a number beyond all bounds") }
        return .number(value)
    }

    private mutating func digits() throws(JSONError) -> Int {
        let start = position
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw bad("a value expected") }
        return position - start
    }

    // MARK: Strings

    private mutating func text() throws(JSONError) -> JSONValue {
        position += 1
        let start = position
        if let end = bytes[start...].firstIndex(where: Self.endsRun), bytes[end] == UInt8(ascii: "\"") {
            position = end + 1
            let text = bytes[start..<end]
            return String(validating: text, as: UTF8.self).map(JSONValue.string) ?? .text(Array(text))
        }
        return try escapedText()
    }

    private mutating func escapedText() throws(JSONError) -> JSONValue {
        var decoded: [UInt8] = []
        var isUnicode = true
        while let end = bytes[position...].firstIndex(where: Self.endsRun) {
            decoded += bytes[position..<end]
            position = end + 1
            switch bytes[end] {
            case UInt8(ascii: "\""):
                guard isUnicode, let text = String(validating: decoded, as: UTF8.self) else { return .text(decoded) }
                return .string(text)
            case UInt8(ascii: "\\"): isUnicode = try escape(into: &decoded) && isUnicode
            default: throw bad("a control character in a string")
            }
        }
        throw bad("a string without an end")
    }

    /// Whether a byte of a string is not one that stands for itself.
    private static func endsRun(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
    }

    /// Appends what an escape stands for. Returns whether that is Unicode.
    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) -> Bool {
        let letter = byte
        position += 1
        switch letter {
        case UInt8(ascii: "\"")?, UInt8(ascii: "\\")?, UInt8(ascii: "/")?: decoded.append(letter ?? 0)
        case UInt8(ascii: "b")?: decoded.append(0x08)
        case UInt8(ascii: "f")?: decoded.append(0x0C)
        case UInt8(ascii: "n")?: decoded.append(0x0A)
        case UInt8(ascii: "r")?: decoded.append(0x0D)
        case UInt8(ascii: "t")?: decoded.append(0x09)
        case UInt8(ascii: "u")?:
            let unit = try codeUnit()
            var scalar = UInt32(unit)
            if (0xD800..<0xDC00).contains(unit) {
                guard bytes[position...].starts(with: "\\u".utf8) else { throw bad("half a character") }
                position += 2
                let low = try codeUnit()
                guard (0xDC00..<0xE000).contains(low) else { throw bad("half a character") }
                scalar = 0x10000 &+ (UInt32(unit) &- 0xD800) << 10 &+ UInt32(low) &- 0xDC00
            } else if (0xDC80...0xDCFF).contains(unit) {
                decoded.append(UInt8(truncatingIfNeeded: unit))
                return false
            }
            guard let scalar = Unicode.Scalar(scalar) else { throw bad("half a character") }
            decoded += Array(String(Character(scalar)).utf8)
        default: throw bad("an escape that there is not")
        }
        return true
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw bad("four hexadecimal digits expected") }
        position += 4
        return unit
    }
}
