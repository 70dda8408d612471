import CodeFiles
import HashDB

/// The members of a request's JSON object, each taken once; what is left over is a mistake.
struct RequestFields {
    private var members: [String: JSONValue]

    /// - Throws: `ServiceError` if the body is not a JSON object.
    init(_ body: [UInt8]) throws(ServiceError) {
        let value: JSONValue
        do {
            value = try JSONReader.read(body[...])
        } catch {
            throw ServiceError(400, "not JSON: \(error)")
        }
        guard case .object(let members) = value else { throw ServiceError(400, "the body must be a JSON object") }
        self.init(members)
    }

    init(_ members: [JSONValue.Member]) {
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// Checks that all members were taken.
    func finish() throws(ServiceError) {
        if let name = members.keys.min() {
            throw ServiceError(400, "there is no member \(JSONValue.string(String(name.prefix(80)))) in this request")
        }
    }

    func has(_ name: String) -> Bool { members[name] != nil }

    mutating func value(_ name: String) -> JSONValue? { members.removeValue(forKey: name) }

    mutating func bool(_ name: String) throws(ServiceError) -> Bool {
        switch value(name) {
        case nil: false
        case .bool(let value)?: value
        default: throw ServiceError(400, "\"\(name)\" must be true or false")
        }
    }

    /// A whole number of a range.
    mutating func number(_ name: String, in range: ClosedRange<Int>) throws(ServiceError) -> Int? {
        switch value(name) {
        case nil: return nil
        case .unsigned(let value)?:
            if let value = Int(exactly: value), range.contains(value) { return value }
        default: break
        }
        throw ServiceError(400, "\"\(name)\" must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }

    mutating func id(_ name: String) throws(ServiceError) -> UInt64? {
        switch value(name) {
        case nil: nil
        case .unsigned(let value)?: value
        default: throw ServiceError(400, "\"\(name)\" must be a whole number from 0 to \(UInt64.max)")
        }
    }

    mutating func ids(_ name: String) throws(ServiceError) -> [UInt64]? {
        guard let values = try array(name) else { return nil }
        var ids: [UInt64] = []
        ids.reserveCapacity(values.count)
        for value in values {
            guard case .unsigned(let id) = value else {
                throw ServiceError(400, "\"\(name)\" must be an array of whole numbers from 0 to \(UInt64.max)")
            }
            ids.append(id)
        }
        return ids
    }

    mutating func array(_ name: String) throws(ServiceError) -> [JSONValue]? {
        switch value(name) {
        case nil: nil
        case .array(let values)?: values
        default: throw ServiceError(400, "\"\(name)\" must be an array")
        }
    }

    /// Text as bytes, which need not be UTF-8.
    mutating func text(_ name: String) throws(ServiceError) -> [UInt8]? {
        switch value(name) {
        case nil: nil
        case .string(let text)?: Array(text.utf8)
        case .text(let bytes)?: bytes
        default: throw ServiceError(400, "\"\(name)\" must be a string")
        }
    }

    mutating func code(_ name: String, bits: Int) throws -> BinaryCode? {
        try value(name).map { try Self.code($0, name, bits: bits) }
    }

    /// A code of the store's width.
    static func code(_ value: JSONValue, _ name: String, bits: Int) throws -> BinaryCode {
        guard case .string(let text) = value else {
            throw ServiceError(400, "\"\(name)\" must be in hexadecimal, as a string")
        }
        let code = try BinaryCode(hex: text)
        guard code.bitWidth == bits else {
            throw HashDBError.codeWidthMismatch(expected: bits, found: code.bitWidth)
        }
        return code
    }
}
