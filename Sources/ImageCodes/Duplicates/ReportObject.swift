import CodeFiles

/// An object of a report in JSON, and where it stands there.
struct ReportObject {
    private let value: JSONValue
    /// The names and numbers that lead to it, each with a space behind, for messages.
    private let place: String
    /// Makes an error of a reason.
    let wrong: (String) -> ReportError

    init(_ value: JSONValue, at place: String = "", _ wrong: @escaping (String) -> ReportError) {
        (self.value, self.place, self.wrong) = (value, place, wrong)
    }

    /// A string that is Unicode.
    func string(_ name: String) throws -> String {
        guard case .string(let text) = try member(name) else { throw misfit(name) }
        return text
    }

    /// The bytes of a string, which need not be Unicode.
    func bytes(_ name: String) throws -> [UInt8] {
        guard let bytes = try member(name).bytes else { throw misfit(name) }
        return bytes
    }

    /// A whole number, however it is written.
    func number<Number: FixedWidthInteger>(_ name: String) throws -> Number {
        let number: Number? =
            switch try member(name) {
            case .unsigned(let value): Number(exactly: value)
            case .integer(let value): Number(exactly: value)
            case .number(let value): Number(exactly: value)
            default: nil
            }
        guard let number else { throw misfit(name) }
        return number
    }

    /// What an array holds.
    func objects(_ name: String) throws -> [ReportObject] {
        guard case .array(let values) = try member(name) else { throw misfit(name) }
        return values.enumerated().map { ReportObject($1, at: "\(place)\(name) \($0 &+ 1) ", wrong) }
    }

    private func member(_ name: String) throws -> JSONValue {
        guard case .object(let members) = value else { throw wrong("\(place)is not what it should be") }
        guard let member = members.first(where: { $0.name == name }) else { throw wrong("\(place)\(name) is missing") }
        return member.value
    }

    private func misfit(_ name: String) -> ReportError { wrong("\(place)\(name) is not what it should be") }
}
