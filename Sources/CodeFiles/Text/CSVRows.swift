/// Rows of comma-separated values as RFC 4180 has them: a field in double quotes may hold commas, line ends and, doubled, quotes.
final class CSVRows: TextRows {
    private let lines: TextLines
    private(set) var line = 0

    init(_ lines: TextLines) {
        self.lines = lines
    }

    func next() throws -> [ArraySlice<UInt8>]? {
        guard let text = try lines.nextFilled(comments: false) else { return nil }
        line = lines.number
        return text.contains(quote)
            ? try quotedFields(text) : text.split(separator: comma, omittingEmptySubsequences: false)
    }

    private let quote = UInt8(ascii: "\"")
    private let comma = UInt8(ascii: ",")

    private func quotedFields(_ text: ArraySlice<UInt8>) throws -> [ArraySlice<UInt8>] {
        var fields: [ArraySlice<UInt8>] = []
        var rest = text
        while true {
            var field: [UInt8] = []
            if rest.first == quote {
                rest = rest.dropFirst()
                while true {
                    guard let end = rest.firstIndex(of: quote) else {
                        field += rest
                        // The end of a line is part of the field, as it is.
                        field += lines.hadReturn ? [0x0d, 0x0a] : [0x0a]
                        guard field.count <= TextLines.longest, let more = try lines.next() else {
                            throw BadLine("a quotation mark without its end")
                        }
                        rest = more
                        continue
                    }
                    field += rest[..<end]
                    rest = rest[end...].dropFirst()
                    guard rest.first == quote else { break }
                    field.append(quote)
                    rest = rest.dropFirst()
                }
                guard rest.isEmpty || rest.first == comma else {
                    throw BadLine("text after a closing quotation mark; a quotation mark in a field is written twice")
                }
            } else {
                let end = rest.firstIndex(of: comma) ?? rest.endIndex
                field += rest[..<end]
                rest = rest[end...]
            }
            fields.append(field[...])
            if rest.isEmpty { return fields }
            rest = rest.dropFirst()
        }
    }
}
