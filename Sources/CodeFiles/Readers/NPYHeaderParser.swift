/// A strict parser of the one Python dictionary that an `.npy` header may hold.
struct NPYHeaderParser {
    /// Why the text is refused.
    struct Failure: Error {
        let reason: String
    }

    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// The whole text as a header; each of the three keys exactly once, nothing else.
    mutating func parse() throws -> NPYHeader {
        var elementType: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        try expect("{")
        while !accept("}") {
            let key = try string()
            try expect(":")
            switch key {
            case "descr" where elementType == nil: elementType = try string()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
            case "shape" where shape == nil: shape = try tuple()
            case "descr", "fortran_order", "shape": throw Failure(reason: "'\(key)' stands there twice")
            default: throw Failure(reason: "unknown key '\(key)'")
            }
            if !accept(",") {
                try expect("}")
                break
            }
        }
        skipSpaces()
        guard position == text.count else { throw Failure(reason: "text after the closing brace") }
        guard let elementType, let isFortranOrder, let shape else {
            throw Failure(reason: "'descr', 'fortran_order' or 'shape' is missing")
        }
        var header = NPYHeader(elementType: elementType, shape: shape)
        header.isFortranOrder = isFortranOrder
        return header
    }

    private mutating func skipSpaces() {
        while position < text.count, text[position] == 0x20 || (0x09...0x0d).contains(text[position]) {
            position += 1
        }
    }

    /// Goes over `token` if it comes next.
    private mutating func accept(_ token: String) -> Bool {
        skipSpaces()
        guard text[position...].starts(with: token.utf8) else { return false }
        position += token.utf8.count
        return true
    }

    private mutating func expect(_ token: String) throws {
        guard accept(token) else { throw Failure(reason: "'\(token)' expected at byte \(position)") }
    }

    /// A quoted string without escapes (no element type of numbers has any).
    private mutating func string() throws -> String {
        skipSpaces()
        guard position < text.count, text[position] == UInt8(ascii: "'") || text[position] == UInt8(ascii: "\"") else {
            throw Failure(reason: "a quoted string expected at byte \(position)")
        }
        let quote = text[position]
        let start = position + 1
        guard let end = text[start...].firstIndex(of: quote) else { throw Failure(reason: "an unended string") }
        position = end + 1
        let content = text[start..<end]
        guard content.allSatisfy({ (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw Failure(reason: "a string with bytes that no element type has")
        }
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func boolean() throws -> Bool {
        if accept("True") { return true }
        if accept("False") { return false }
        throw Failure(reason: "True or False expected at byte \(position)")
    }

    private mutating func tuple() throws -> [Int] {
        var values: [Int] = []
        try expect("(")
        while !accept(")") {
            values.append(try integer())
            if accept(",") { continue }
            // `(3)` is a number in Python, `(3,)` a tuple.
            guard values.count > 1 else { throw Failure(reason: "',' expected at byte \(position)") }
            try expect(")")
            break
        }
        return values
    }

    private mutating func integer() throws -> Int {
        skipSpaces()
        let start = position
        while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) {
            position += 1
        }
        let digits = String(decoding: text[start..<position], as: UTF8.self)
        guard !digits.isEmpty else { throw Failure(reason: "a dimension expected at byte \(start)") }
        guard let value = Int(digits) else { throw Failure(reason: "dimension \(digits) is out of reason") }
        // Files of Python 2 may carry the suffix of its long integers.
        _ = accept("L")
        return value
    }
}
