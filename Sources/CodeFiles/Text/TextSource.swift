/// Codes in a text of any of the formats that go line by line.
final class TextSource: FileSource {
    let path: String
    let hasBits: Bool
    let count: Int? = nil
    var layout: CodeLayout { text.layout }
    private let records: any TextRecords
    private let text: CodeText
    private var first: TextRecord?
    private let hasIDs: Bool

    init(_ input: ByteInput, format: CodeFormat, options: CodeFileOptions) throws {
        path = input.path
        let notation = options.notation ?? (format == .bits ? .bits : .hex)
        let lines = TextLines(input)
        records =
            switch format {
            case .jsonl: JSONLines(lines, options: options)
            case .csv: Columns(CSVRows(lines), notation: notation, preferred: .codeFirst, options: options)
            case .tsv: Columns(TabRows(lines), notation: notation, preferred: .nameFirst, options: options)
            case .bits: Columns(TabRows(lines), notation: notation, preferred: .idFirst, options: options)
            default: HexLines(lines)
            }
        let (path, records) = (path, records)
        (text, first) = try Self.locating(path, records) {
            guard let first = try records.next() else {
                throw CodeFileError.unsupported(path: path, reason: "holds no codes, so that nothing tells their width")
            }
            return (try CodeText(first: first.code, notation: notation, options: options), first)
        }
        hasIDs = first?.id != nil
        hasBits = text.hasBits(options)
    }

    func read(upTo count: Int) throws -> CodeBatch? {
        var codes: [UInt8] = []
        codes.reserveCapacity(count * layout.byteCount)
        var ids: [UInt64] = []
        var names: [[UInt8]] = []
        var hasNames = false
        try Self.locating(path, records) {
            var read = 0
            while read < count, let record = try first ?? records.next() {
                first = nil
                try text.append(record.code, to: &codes)
                if hasIDs { ids.append(try Self.id(record.id)) }
                if !record.name.isEmpty, !hasNames {
                    hasNames = true
                    names = Array(repeating: [], count: read)
                }
                if hasNames { names.append(Array(record.name)) }
                read += 1
            }
        }
        guard !codes.isEmpty else { return nil }
        return CodeBatch(packedCodes: codes, ids: hasIDs ? ids : nil, names: hasNames ? names : nil)
    }

    private static func id(_ digits: ArraySlice<UInt8>?) throws -> UInt64 {
        guard let digits else { throw BadLine("no id") }
        guard digits.first != UInt8(ascii: "+"), let id = UInt64(String(decoding: digits, as: UTF8.self)) else {
            throw BadLine("\(quoted(digits)) is no id: ids are whole numbers from 0 to 2^64 - 1")
        }
        return id
    }

    /// Runs `body`, whose bad lines come out with their place.
    private static func locating<R>(_ path: String, _ records: any TextRecords, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as BadLine {
            throw CodeFileError.badLine(path: path, line: records.line, reason: error.reason)
        }
    }
}
