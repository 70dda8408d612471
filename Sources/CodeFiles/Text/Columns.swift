/// Rows of fields.
protocol TextRows: AnyObject {
    /// The line that the last row began in.
    var line: Int { get }
    /// The fields of the next row; nil after the last.
    func next() throws -> [ArraySlice<UInt8>]?
}

/// Rows whose fields have tabs between them. Empty lines are passed over, also where they would be a row of one empty field.
final class TabRows: TextRows {
    private let lines: TextLines
    var line: Int { lines.number }

    init(_ lines: TextLines) {
        self.lines = lines
    }

    func next() throws -> [ArraySlice<UInt8>]? {
        try lines.nextFilled(comments: false)?.split(separator: 0x09, omittingEmptySubsequences: false)
    }
}

/// The columns of a table that hold codes, texts and ids.
///
/// A choice by number takes rows as they are; a choice by name takes the first row as the names. Without any, the first row counts as names
/// if none of its fields reads as a code and one is a usual name for codes. A first row that has, where the code should be,
/// neither a code nor a digit is a row of names too.
final class Columns: TextRecords {
    /// What stands where in rows without names.
    enum Preference {
        /// `CODE,TEXT`
        case codeFirst
        /// `TEXT<TAB>CODE`; three or more are `ID<TAB>CODE<TAB>TEXT`, as `dump` prints them.
        case nameFirst
        /// `ID<TAB>CODE`, as a database copies them out.
        case idFirst
    }

    /// The usual names of columns and members.
    static let codeNames = ["code", "hash", "hex", "phash", "pdq", "dhash", "ahash", "embedding"]
    static let nameNames = ["path", "name", "file", "filename", "key", "metadata"]
    static let idNames = ["id"]

    private let rows: any TextRows
    private let notation: CodeNotation
    private let preferred: Preference
    private let options: CodeFileOptions
    private var places: (code: Int, name: Int?, id: Int?)?
    var line: Int { rows.line }

    init(_ rows: any TextRows, notation: CodeNotation, preferred: Preference, options: CodeFileOptions) {
        self.rows = rows
        self.notation = notation
        self.preferred = preferred
        self.options = options
    }

    func next() throws -> TextRecord? {
        guard var row = try rows.next() else { return nil }
        if places == nil {
            let (places, isHeader) = try choose(row)
            self.places = places
            if isHeader {
                guard let second = try rows.next() else { return nil }
                row = second
            }
        }
        guard let places else { return nil }
        guard places.code < row.count else {
            throw BadLine("has \(row.count) columns, and the code is in column \(places.code + 1)")
        }
        var record = TextRecord(code: row[places.code])
        if let name = places.name, name < row.count { record.name = row[name] }
        if let id = places.id { record.id = id < row.count ? row[id] : [] }
        return record
    }

    private typealias Places = (code: Int, name: Int?, id: Int?)

    private func choose(_ row: [ArraySlice<UInt8>]) throws -> (Places, isHeader: Bool) {
        let names = row.map { String(decoding: $0, as: UTF8.self) }
        let chosen = [options.codeColumn, options.nameColumn, options.idColumn].compactMap { $0 }
        let hasNamedChoice = chosen.contains { Int($0) == nil }
        let lower = names.map { $0.lowercased() }
        let isUsual =
            chosen.isEmpty && !row.contains { CodeText.isCode($0, notation) }
            && lower.contains { Self.codeNames.contains($0) }
        if hasNamedChoice || isUsual {
            let code = try place(options.codeColumn, in: names, usual: Self.codeNames)
            guard let code else {
                throw BadLine("no column is named \(Self.codeNames.joined(separator: ", ")); choose one")
            }
            return (
                (
                    code, try place(options.nameColumn, in: names, usual: chosen.isEmpty ? Self.nameNames : []),
                    try place(options.idColumn, in: names, usual: chosen.isEmpty ? Self.idNames : [])
                ), true
            )
        }
        var places = usualPlaces(row)
        if !chosen.isEmpty {
            places = (
                try place(options.codeColumn, in: names, usual: []) ?? places.code,
                try place(options.nameColumn, in: names, usual: []), try place(options.idColumn, in: names, usual: [])
            )
        }
        let field = places.code < row.count ? row[places.code] : []
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return (places, !field.isEmpty && !CodeText.isCode(field, notation) && !field.contains { digits.contains($0) })
    }

    /// Where a column is that was chosen by number or name, or else the first of some usual names.
    private func place(_ choice: String?, in names: [String], usual: [String]) throws -> Int? {
        guard let choice else {
            return usual.lazy.compactMap { name in names.firstIndex { $0.lowercased() == name } }.first
        }
        if let number = Int(choice) {
            guard number >= 1 else { throw BadLine("column \(number): columns count from 1") }
            return number - 1
        }
        guard let place = names.firstIndex(of: choice) else {
            let known = names.prefix(20).map { shown($0.utf8) }.joined(separator: ", ")
            throw BadLine("no column is named '\(choice)'; there are \(known)")
        }
        return place
    }

    private func usualPlaces(_ row: [ArraySlice<UInt8>]) -> Places {
        if row.count == 1 { return (0, nil, nil) }
        let isSecond = CodeText.isCode(row[1], notation)
        switch preferred {
        case .codeFirst: return CodeText.isCode(row[0], notation) || !isSecond ? (0, 1, nil) : (1, 0, nil)
        case .nameFirst:
            if row.count > 2, isSecond { return (1, 2, 0) }
            return isSecond || !CodeText.isCode(row[0], notation) ? (1, 0, nil) : (0, 1, nil)
        case .idFirst: return (1, row.count > 2 ? 2 : nil, 0)
        }
    }
}
