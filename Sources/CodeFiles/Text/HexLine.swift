/// Lines of which each begins with a code and may go on with a text after a comma, tab or space.
///
/// Read are `CODE`, `CODE,TEXT`, `hash=CODE,TEXT`, `pdq CODE`, each code with or without `0x` before it. Empty lines and those
/// that begin with `#` are passed over.
final class HexLines: TextRecords {
    private let lines: TextLines
    var line: Int { lines.number }

    init(_ lines: TextLines) {
        self.lines = lines
    }

    func next() throws -> TextRecord? {
        guard let line = try lines.nextFilled(comments: true) else { return nil }
        let (code, rest) = HexLine.split(line)
        return TextRecord(code: code, name: rest)
    }
}

/// The parts of such a line.
enum HexLine {
    private static let prefixes = ["hash=", "pdq ", "pdq=", "0x"].map { Array($0.utf8) }
    private static let separators = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: " ")]

    /// What stands for the code, and what comes after the separator that follows it.
    static func split(_ line: ArraySlice<UInt8>) -> (code: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
        var line = line
        // Most lines begin with their code, and then there is nothing to look for.
        if let first = line.first,
            CodeText.value(first) == nil || line.dropFirst().first.map({ $0 | 0x20 }) == UInt8(ascii: "x")
        {
            for prefix in prefixes where line.count > prefix.count && lowercased(line.prefix(prefix.count)) == prefix {
                line = line.dropFirst(prefix.count)
            }
        }
        let end = line.firstIndex { separators.contains($0) } ?? line.endIndex
        return (line[..<end], line[end...].dropFirst())
    }

    /// Whether a line begins as one of these.
    static func begins(_ line: ArraySlice<UInt8>) -> Bool {
        let code = split(line).code
        return code.count > 1 && code.allSatisfy { CodeText.value($0) != nil || $0 == UInt8(ascii: "\r") }
    }

    private static func lowercased(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
