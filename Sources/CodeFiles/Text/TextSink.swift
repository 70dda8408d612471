/// Codes as lines of text.
final class TextSink: FileSink {
    let file: FileOutput
    var layout: CodeLayout { text.layout }
    private let format: CodeFormat
    private let text: CodeText
    private let columns: [CodeColumn]

    init(
        _ path: String, format: CodeFormat, layout: CodeLayout, notation: CodeNotation?, columns: [CodeColumn]?
    ) throws {
        if format == .hex, let columns, columns != [.code], columns != [.code, .name] {
            throw CodeFileError.unsupported(
                path: path,
                reason: "a line of hex is a code, and perhaps a name after it: choose the columns code or code,name, "
                    + "or the format csv, tsv or jsonl")
        }
        file = try FileOutput(path: path)
        self.format = format
        text = CodeText(writing: layout, notation: notation ?? (format == .bits ? .bits : .hex))
        self.columns =
            columns
            ?? {
                switch format {
                case .hex: [.code, .name]
                case .tsv: [.name, .code]
                case .bits: [.code]
                default: [.id, .code, .name]
                }
            }()
        if hasLineOfNames {
            let names = self.columns.map { Array($0.rawValue.utf8) }
            try file.append(Array(names.joined(separator: [separator])) + [0x0a])
        }
    }

    private var separator: UInt8 { format == .csv || format == .hex ? UInt8(ascii: ",") : 0x09 }

    /// A table with tabs has names where `Columns` would take its columns for others: an id for a text, a text that reads as a code for one.
    /// Without codes it is a list for other programs.
    private var hasLineOfNames: Bool {
        let found: [[CodeColumn]] = [[.code], [format == .bits ? .id : .name, .code], [.id, .code, .name]]
        switch format {
        case .csv: return true
        // A code of one digit looks like none.
        case .tsv: return columns.contains(.code) && (text.digits == 1 || !found.contains(columns))
        case .bits: return columns.contains(.code) && !found.contains(columns)
        default: return false
        }
    }

    /// An object can be without an id; a row cannot, where others of its column have one.
    var needsIDs: Bool { columns.contains(.id) && format != .jsonl }

    func write(_ batch: CodeBatch) throws {
        let size = layout.byteCount
        let count = batch.packedCodes.count / size
        var lines: [UInt8] = []
        lines.reserveCapacity(count * (2 * size + 32))
        for index in 0..<count {
            let item = Item(
                id: batch.ids?[index], code: batch.packedCodes[index * size..<(index + 1) * size],
                name: batch.names?[index] ?? [])
            if format == .jsonl {
                writeObject(item, to: &lines)
            } else {
                try writeFields(item, to: &lines)
            }
            lines.append(0x0a)
        }
        try file.append(lines)
    }

    private struct Item {
        var id: UInt64?
        var code: ArraySlice<UInt8>
        var name: [UInt8]
    }

    private func writeFields(_ item: Item, to line: inout [UInt8]) throws {
        for (index, column) in columns.enumerated() {
            // A list of codes has nothing after a code that has no name.
            if format == .hex, column == .name, item.name.isEmpty { continue }
            if index > 0 { line.append(separator) }
            switch column {
            case .id: if let id = item.id { line += String(id).utf8 }
            case .code: text.write(item.code, to: &line)
            case .name: try write(name: item, to: &line)
            }
        }
    }

    private func write(name item: Item, to line: inout [UInt8]) throws {
        let special = [0x0a, 0x0d] + (format == .csv ? [UInt8(ascii: ","), UInt8(ascii: "\"")] : [])
        let hasSpecial = item.name.contains { special.contains($0) || $0 == 0x09 && format != .hex }
        guard hasSpecial else {
            line += item.name
            return
        }
        guard format == .csv else {
            throw CodeFileError.unsupported(
                path: file.path,
                reason:
                    "the text beside id \(item.id.map(String.init) ?? "?"), \(quoted(item.name)), holds a tab or line end, "
                    + "which \(format.rawValue) cannot say; write csv or jsonl")
        }
        line.append(UInt8(ascii: "\""))
        for byte in item.name {
            if byte == UInt8(ascii: "\"") { line.append(byte) }
            line.append(byte)
        }
        line.append(UInt8(ascii: "\""))
    }

    private func writeObject(_ item: Item, to line: inout [UInt8]) {
        var members: [JSONValue.Member] = []
        for column in columns {
            switch column {
            case .id: if let id = item.id { members.append(.init("id", .unsigned(id))) }
            case .code:
                var digits: [UInt8] = []
                text.write(item.code, to: &digits)
                members.append(.init("code", .text(digits)))
            case .name: if !item.name.isEmpty { members.append(.init("name", .text(item.name))) }
            }
        }
        line += JSONValue.object(members).description.utf8
    }
}
