/// A JSON value that prints on one line with the members of its objects in their given order.
///
/// Text is escaped so that a line never holds a raw line end. Numbers are printed without regard to any locale; a number that
/// JSON cannot express (infinite or none) becomes null.
public enum JSONValue: Hashable, Sendable, CustomStringConvertible {
    case null
    case bool(Bool)
    /// A whole number; ids need all 64 bits.
    case unsigned(UInt64)
    case integer(Int)
    case number(Double)
    case string(String)
    /// Text in UTF-8; a byte that is none becomes the lone surrogate U+DC80 to U+DCFF, as Python writes file names, so that no name
    /// is lost.
    case text([UInt8])
    case array([JSONValue])
    case object([Member])

    /// A name with its value.
    public struct Member: Hashable, Sendable {
        /// The member's name.
        public let name: String
        /// The member's value.
        public let value: JSONValue

        /// A member of an object.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The bytes of a string; nil for all else.
    package var bytes: [UInt8]? {
        switch self {
        case .string(let text): Array(text.utf8)
        case .text(let bytes): bytes
        default: nil
        }
    }

    /// The value as JSON text, ": " and ", " between the parts.
    public var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .unsigned(let value): text += String(value)
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? String(value) : "null"
        case .string(let value): Self.quote(value, to: &text)
        case .text(let bytes): Self.quote(bytes, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += ", " }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += ", " }
                Self.quote(member.name, to: &text)
                text += ": "
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func quote(_ value: String, to text: inout String) {
        text += "\""
        escape(value, to: &text)
        text += "\""
    }

    private static func quote(_ bytes: [UInt8], to text: inout String) {
        // Most text needs no escape.
        if bytes.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            text += "\"" + String(decoding: bytes, as: UTF8.self) + "\""
            return
        }
        text += "\""
        var rest = bytes[...]
        while !rest.isEmpty {
            // A character has at most four bytes.
            let character = (1...min(4, rest.count)).lazy
                .compactMap { String(validating: rest.prefix($0), as: UTF8.self) }.first
            if let character {
                escape(character, to: &text)
                rest = rest.dropFirst(character.utf8.count)
            } else {
                text += "\\udc" + String(rest.removeFirst(), radix: 16)
            }
        }
        text += "\""
    }

    private static func escape(_ value: String, to text: inout String) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}", "\u{85}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
    /// An object, its members in the literal's order.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    /// An array.
    public init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }

    /// A string.
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}
