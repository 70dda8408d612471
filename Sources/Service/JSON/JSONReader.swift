import CodeFiles

/// Parses JSON (RFC 8259) into values, strictly: nothing may follow, and no object has two members of one name.
///
/// Text that is not UTF-8 is refused; a lone surrogate from U+DC80 to U+DCFF stands for a byte that is none, as `JSONValue` writes it, and
/// makes the string a `.text`. Whole numbers come out as `.unsigned`, or `.integer` below zero, where they fit, others as `.number`.
package struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    /// Values within values within values: more of them than anybody writes would fill the stack.
    private static let deepest = 64

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The value that the bytes are.
    ///
    /// - Throws: `ServiceError` with status 400.
    package static func read(_ bytes: [UInt8]) throws(ServiceError) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpaces()
        guard reader.position == bytes.count else { throw reader.bad("something follows the value") }
        return value
    }

    private func bad(_ reason: String) -> ServiceError {
        ServiceError(400, "not JSON: \(reason) at byte \(position + 1)")
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpaces() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func accept(_ character: UInt8) -> Bool {
        skipSpaces()
        guard byte == character else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(ServiceError) -> JSONValue {
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

    private mutating func word(_ word: String, _ value: JSONValue) throws(ServiceError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw bad("a value expected") }
        position += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(ServiceError) -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        if accept(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpaces()
            guard byte == UInt8(ascii: "\"") else { throw bad("a name expected") }
            guard case .string(let name) = try text() else { throw bad("a name that is not Unicode") }
            guard names.insert(name).inserted else { throw bad("a second member of that name") }
            guard accept(UInt8(ascii: ":")) else { throw bad("':' expected") }
            members.append(.init(name, try value(depth: depth + 1)))
        } while accept(UInt8(ascii: ","))
        guard accept(UInt8(ascii: "}")) else { throw bad("',' or '}' expected") }
        return .object(members)
    }

    // MARK: Numbers

    private mutating func number() throws(ServiceError) -> JSONValue {
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

    private mutating func digits() throws(ServiceError) -> Int {
        let start = position
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw bad("a value expected") }
        return position - start
    }

    // MARK: Strings

    private mutating func text() throws(ServiceError) -> JSONValue {
        position += 1
        var decoded: [UInt8] = []
        var isUnicode = true
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard isUnicode else { return .text(decoded) }
                guard let text = String(validating: decoded, as: UTF8.self) else { throw bad("a string not in UTF-8") }
                return .string(text)
            case UInt8(ascii: "\\"):
                position += 1
                isUnicode = try escape(into: &decoded) && isUnicode
            case 0..<0x20: throw bad("a control character in a string")
            default:
                decoded.append(byte)
                position += 1
            }
        }
        throw bad("a string without an end")
    }

    /// Appends what an escape stands for. Returns whether that is Unicode.
    private mutating func escape(into decoded: inout [UInt8]) throws(ServiceError) -> Bool {
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
                guard byte == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u")
                else { throw bad("half a character") }
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

    private mutating func codeUnit() throws(ServiceError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw bad("four hexadecimal digits expected") }
        position += 4
        return unit
    }
}
