import Foundation

extension DuplicateReport {
    private static let firstLine = "# hashdb duplicates, version 1"

    /// The report as text that a person can edit: a line a file, its mark first and its path last.
    public var text: String {
        let (head, groups) = textInPieces
        return head + groups.joined()
    }

    /// The same in pieces: what comes before the groups, then each of them.
    public var textInPieces: (head: String, groups: [String]) {
        var lines = [
            DuplicateReport.firstLine,
            "# store \(ReportPath.text(store))",
            "# model \(shownOnOneLine(model.utf8))",
            "# tier \(tier.rawValue), radius \(radius) of \(bits) bits",
            "# \(rule)",
            "# \(groups.count) groups, \(groups.reduce(0) { $0 + $1.images.count }) files, \(dropCount) to drop, \(dropBytes) bytes",
            "# Change keep to drop or drop to keep as you like, or delete lines. Then: hashdb apply FILE",
            "# mark  why  distance  pixels  bytes  modified  content  device:inode  path",
        ]
        lines += returned.map {
            "# returned: \(ReportPath.text($0.path)), dropped before as \(ReportPath.text($0.formerPath))"
        }
        let pieces = groups.enumerated().map { number, group in
            let lines = ["", "group \(number + 1) \(group.tier.rawValue)"] + group.images.map(\.line)
            return lines.joined(separator: "\n") + "\n"
        }
        return (lines.joined(separator: "\n") + "\n", pieces)
    }

    /// Reads a report, as text or as JSON; `name` is for messages.
    ///
    /// - Throws: `ReportError`, which names the line.
    public init(parsing text: String, named name: String) throws {
        // Some editors put a mark before the text that says how it is encoded.
        let text = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
        switch text.first(where: { !$0.isWhitespace }) {
        case "{":
            try self.init(json: text, named: name)
            return
        case "<":
            throw ReportError(
                name: name, line: nil, reason: "a page for a web browser, not a report",
                advice: "save the report from the page (key S) and give that, or give the text report")
        default: break
        }
        var parser = ReportParser(name: name)
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            try parser.take(line, number: index + 1)
        }
        self = try parser.finish()
    }

    static func isFirst(_ line: Substring) -> Bool {
        line.trimmingCharacters(in: .whitespaces) == firstLine
    }
}

extension DuplicateReport.Image {
    /// The line of the report's text.
    fileprivate var line: String { "  \(mark.rawValue)  \(lineWithoutMark)" }

    /// All that follows the mark in the report's text.
    var lineWithoutMark: String {
        [
            why.padding(toLength: max(11, why.count), withPad: " ", startingAt: 0), "\(distance)", "\(width)x\(height)",
            "\(content.size)", ReportTime.text(modificationTime), "\(content.hash)", "\(file.device):\(file.inode)",
            ReportPath.text(path),
        ].joined(separator: "  ")
    }
}
