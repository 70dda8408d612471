/// A JSON object a line, of which some members are kept: by default `code`, `hash`, … for the code, `path`, `name`, … for the
/// text beside it, and `id`.
final class JSONLines: TextRecords {
    private let lines: TextLines
    private let code, name, id: [[UInt8]]
    private let isIDChosen: Bool
    var line: Int { lines.number }

    init(_ lines: TextLines, options: CodeFileOptions) {
        self.lines = lines
        func members(_ choice: String?, _ usual: [String]) -> [[UInt8]] {
            (choice.map { [$0] } ?? usual).map { Array($0.utf8) }
        }
        code = members(options.codeColumn, Columns.codeNames)
        name = members(options.nameColumn, Columns.nameNames)
        id = members(options.idColumn, Columns.idNames)
        isIDChosen = options.idColumn != nil
    }

    func next() throws -> TextRecord? {
        guard let line = try lines.nextFilled(comments: false) else { return nil }
        var parser = JSONMembers(line)
        let members = try parser.parse()
        func value(_ names: [[UInt8]]) -> JSONMembers.Value? {
            names.lazy.compactMap { name in members.first { $0.name == name }?.value }.first
        }
        guard case .string(let code)? = value(code) else {
            throw BadLine("no string named \(self.code.map { quoted($0) }.joined(separator: " or "))")
        }
        var record = TextRecord(code: code[...])
        if case .string(let name)? = value(name) { record.name = name[...] }
        switch value(id) {
        case .string(let id)?, .number(let id)?: record.id = id[...]
        default: if isIDChosen { throw BadLine("no member named \(quoted(id[0]))") }
        }
        return record
    }
}

/// A parser of one JSON object (RFC 8259) that keeps the strings and numbers among its members.
///
/// A lone surrogate from U+DC80 to U+DCFF stands for a byte that is no UTF-8, as `JSONValue` writes them.
struct JSONMembers {
    /// What a member is.
    enum Value {
        case string([UInt8])
        case number([UInt8])
        /// true, false, null, an object or an array.
        case other
    }

    private let text: ArraySlice<UInt8>
    private var position: Int

    /// Values within values within values: more of them than anybody writes would fill the stack.
    private static let deepest = 64

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        position = text.startIndex
    }

    /// The members in their order. Throws `BadLine`.
    mutating func parse() throws -> [(name: [UInt8], value: Value)] {
        let members = try object(depth: 0)
        skipSpaces()
        guard position == text.endIndex else { throw bad("text after the object") }
        return members
    }

    private func bad(_ reason: String) -> BadLine {
        BadLine("not a JSON object: \(reason) at byte \(position - text.startIndex + 1)")
    }

    private var byte: UInt8? { position < text.endIndex ? text[position] : nil }

    private mutating func skipSpaces() {
        while let byte, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpaces()
        guard byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard accept(character) else { throw bad("'\(character)' expected") }
    }

    private mutating func object(depth: Int) throws -> [(name: [UInt8], value: Value)] {
        try expect("{")
        var members: [(name: [UInt8], value: Value)] = []
        if accept("}") { return members }
        repeat {
            skipSpaces()
            let name = try string()
            try expect(":")
            members.append((name, try value(depth: depth + 1)))
        } while accept(",")
        try expect("}")
        return members
    }

    private mutating func value(depth: Int) throws -> Value {
        guard depth < Self.deepest else { throw bad("values too deep in one another") }
        skipSpaces()
        switch byte {
        case UInt8(ascii: "\"")?: return .string(try string())
        case UInt8(ascii: "{")?:
            _ = try object(depth: depth)
            return .other
        case UInt8(ascii: "[")?:
            position += 1
            if accept("]") { return .other }
            repeat { _ = try value(depth: depth + 1) } while accept(",")
            try expect("]")
            return .other
        default:
            let end = text[position...].firstIndex { !Self.isWord($0) } ?? text.endIndex
            let word = text[position..<end]
            if ["true", "false", "null"].contains(where: { word.elementsEqual($0.utf8) }) {
                position = end
                return .other
            }
            guard let first = word.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
                Double(String(decoding: word, as: UTF8.self)) != nil
            else { throw bad("a value expected") }
            position = end
            return .number(Array(word))
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private mutating func string() throws -> [UInt8] {
        guard byte == UInt8(ascii: "\"") else { throw bad("a string expected") }
        position += 1
        var result: [UInt8] = []
        while let byte {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return result
            case UInt8(ascii: "\\"): try escape(into: &result)
            case 0..<0x20: throw bad("a control character in a string")
            default: result.append(byte)
            }
        }
        throw bad("a string without its end")
    }

    private mutating func escape(into result: inout [UInt8]) throws {
        guard let byte else { throw bad("a string without its end") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "u"):
            var value = try unit()
            if (0xd800..<0xdc00).contains(value), text[position...].starts(with: "\\u".utf8) {
                position += 2
                let low = try unit()
                guard (0xdc00..<0xe000).contains(low) else { throw bad("half a character") }
                value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
            }
            if (0xdc80...0xdcff).contains(value) {
                result.append(UInt8(value & 0xff))
            } else if let scalar = Unicode.Scalar(value) {
                result += String(Character(scalar)).utf8
            } else {
                throw bad("half a character")
            }
        default: throw bad("an unknown escape")
        }
    }

    private mutating func unit() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = byte.flatMap(CodeText.value) else { throw bad("four hexadecimal digits expected") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
