/// A JSON object a line, of which some members are kept: by default `code`, `hash`, … for the code, `path`, `name`, … for the
/// text beside it, and `id`.
final class JSONLines: TextRecords {
    private let lines: TextLines
    private let code, name, id: [String]
    private let isIDChosen: Bool
    var line: Int { lines.number }

    init(_ lines: TextLines, options: CodeFileOptions) {
        self.lines = lines
        func members(_ choice: String?, _ usual: [String]) -> [String] { choice.map { [$0] } ?? usual }
        code = members(options.codeColumn, Columns.codeNames)
        name = members(options.nameColumn, Columns.nameNames)
        id = members(options.idColumn, Columns.idNames)
        isIDChosen = options.idColumn != nil
    }

    func next() throws -> TextRecord? {
        guard let line = try lines.nextFilled(comments: false) else { return nil }
        let members = try Self.members(of: line)
        func value(_ names: [String]) -> JSONValue? {
            names.lazy.compactMap { name in members.first { $0.name == name }?.value }.first
        }
        guard let code = value(code)?.bytes else {
            throw BadLine("no string named \(self.code.map { quoted($0.utf8) }.joined(separator: " or "))")
        }
        var record = TextRecord(code: code[...])
        if let name = value(name)?.bytes { record.name = name[...] }
        switch value(id) {
        case .unsigned(let id)?: record.id = Array(String(id).utf8)[...]
        case .integer(let id)?: record.id = Array(String(id).utf8)[...]
        case .number(let id)?: record.id = Array(String(id).utf8)[...]
        case let id: record.id = id?.bytes?[...]
        }
        if isIDChosen, record.id == nil { throw BadLine("no member named \(quoted(id[0].utf8))") }
        return record
    }

    private static func members(of line: ArraySlice<UInt8>) throws -> [JSONValue.Member] {
        do {
            if case .object(let members) = try JSONReader.read(line) { return members }
        } catch {
            throw BadLine("not a JSON object: \(error)")
        }
        throw BadLine("not a JSON object")
    }
}
