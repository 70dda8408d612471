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
        if format == .csv {
            try file.append(Array((self.columns.map(\.rawValue).joined(separator: ",") + "\n").utf8))
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
        let separator = format == .csv || format == .hex ? UInt8(ascii: ",") : 0x09
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
