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
            "# model \(model)",
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
        if text.first(where: { !$0.isWhitespace }) == "{" {
            try self.init(json: text, named: name)
            return
        }
        var parser = ReportParser(name: name)
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            try parser.take(line, number: index + 1)
        }
        self = try parser.finish()
    }

    fileprivate static func isFirst(_ line: Substring) -> Bool {
        line.trimmingCharacters(in: .whitespaces) == firstLine
    }
}

/// Why a text is no report.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The report, as the caller named it.
    public var name: String
    /// Counted from 1, where a line is to blame.
    public var line: Int?
    /// What is wrong with it.
    public var reason: String
    /// The way out.
    public var advice = "make the report anew with hashdb duplicates"

    /// One line for people.
    public var description: String {
        "\(name)\(line.map { ", line \($0)" } ?? ""): \(reason); \(advice)"
    }
}

/// Reads the lines of a report.
private struct ReportParser {
    let name: String
    private var store: ImagePath?
    private var model = ""
    private var settings: (tier: DuplicateTier, radius: Int, bits: Int)?
    private var groups: [DuplicateReport.Group] = []
    private var line = 0

    init(name: String) { self.name = name }

    private func wrong(_ reason: String) -> ReportError { ReportError(name: name, line: line, reason: reason) }

    mutating func take(_ text: Substring, number: Int) throws {
        line = number
        if number == 1, !DuplicateReport.isFirst(text) {
            throw ReportError(name: name, line: 1, reason: "not a report of hashdb duplicates of version 1")
        }
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
        guard let first = words.first else { return }
        switch first {
        case "#": try takeHeader(text, words.dropFirst())
        case "group":
            guard words.count == 3, let tier = DuplicateTier(rawValue: String(words[2])) else {
                throw wrong("a group is \"group NUMBER TIER\"")
            }
            groups.append(.init(images: [], tier: tier))
        default:
            guard !first.hasPrefix("#") else { return }
            guard !groups.isEmpty else { throw wrong("a file before the first group") }
            groups[groups.count - 1].images.append(try image(text))
        }
    }

    private mutating func takeHeader(_ text: Substring, _ words: ArraySlice<Substring>) throws {
        guard let first = words.first, groups.isEmpty else { return }
        switch first {
        case "store": store = try path(text.drop { $0 != "/" })
        case "model": model = words.dropFirst().joined(separator: " ")
        case "tier":
            // # tier near, radius 31 of 256 bits
            let parts = words.map { $0.filter { $0 != "," } }
            guard parts.count == 7, let tier = DuplicateTier(rawValue: String(parts[1])), let radius = Int(parts[3]),
                let bits = Int(parts[5])
            else { throw wrong("the tier cannot be read") }
            settings = (tier, radius, bits)
        default: break
        }
    }

    private func image(_ text: Substring) throws -> DuplicateReport.Image {
        var rest = text.drop { $0 == " " || $0 == "\t" }
        var fields: [Substring] = []
        while fields.count < 8, !rest.isEmpty {
            fields.append(rest.prefix { $0 != " " && $0 != "\t" })
            rest = rest.dropFirst(fields[fields.count - 1].count).drop { $0 == " " || $0 == "\t" }
        }
        guard fields.count == 8 else { throw wrong("a file has a mark, seven more fields and a path") }
        guard let mark = DuplicateReport.Mark(rawValue: String(fields[0])) else {
            throw wrong("\"\(fields[0])\" is neither keep nor drop")
        }
        let sides = fields[3].split(separator: "x").compactMap { Int($0) }
        let numbers = fields[7].split(separator: ":").compactMap { UInt64($0) }
        guard let distance = Int(fields[2]), distance >= 0, sides.count == 2,
            sides.allSatisfy({ (1...1 << 31).contains($0) }),
            let size = UInt64(fields[4]), let hash = ContentHash(hexadecimal: fields[6]), numbers.count == 2
        else { throw wrong("a field cannot be read") }
        let time = ReportTime.nanoseconds(String(fields[5]))
        guard let time else { throw wrong("\"\(fields[5])\" is no time such as 2026-01-31T12:00:00Z") }
        return .init(
            mark: mark, why: String(fields[1]), distance: distance, path: try path(rest),
            content: ImageContent(hash: hash, size: size), width: sides[0], height: sides[1], modificationTime: time,
            file: FileNumber(device: numbers[0], inode: numbers[1]))
    }

    private func path(_ text: Substring) throws -> ImagePath {
        guard let path = ReportPath.absolute(text) else { throw wrong(ReportPath.refusal(text)) }
        return path
    }

    func finish() throws -> DuplicateReport {
        guard let store, let settings else {
            throw ReportError(name: name, line: nil, reason: "its first lines lack the store or the tier")
        }
        var report = DuplicateReport(
            store: store, model: model, tier: settings.tier, radius: settings.radius, bits: settings.bits)
        report.groups = groups.filter { !$0.images.isEmpty }
        return report
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

/// Times of reports: UTC, whole seconds.
enum ReportTime {
    static func text(_ nanoseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000_000)).formatted(.iso8601)
    }

    static func nanoseconds(_ text: String) -> Int64? {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        return Int64(exactly: date.timeIntervalSince1970.rounded()).flatMap { seconds in
            let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            return overflow ? nil : product
        }
    }
}

/// Paths on one line that lead back to the file whatever its name is: backslashes, control characters, bytes that are not UTF-8
/// and spaces at the end are written as `\\` or `\xHH`.
enum ReportPath {
    static func text(_ path: ImagePath) -> String {
        var result = ""
        var rest = path.bytes[...]
        while let byte = rest.first {
            let character = (1...min(4, rest.count)).lazy
                .compactMap { String(validating: rest.prefix($0), as: UTF8.self) }.first
            guard let character, let scalar = character.unicodeScalars.first else {
                result += escaped(byte)
                rest = rest.dropFirst()
                continue
            }
            let isLast = rest.count == character.utf8.count
            switch scalar {
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                result += character.utf8.map(escaped).joined()
            case " " where isLast: result += escaped(byte)
            default: result += character
            }
            rest = rest.dropFirst(character.utf8.count)
        }
        return result
    }

    /// `nil` for what `text` never writes.
    static func path(_ text: some StringProtocol) -> ImagePath? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while rest.last == UInt8(ascii: "\r") || rest.last == UInt8(ascii: " ") { rest.removeLast() }
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"): bytes.append(byte)
            case UInt8(ascii: "x"):
                guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2
                else {
                    return nil
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: return nil
            }
        }
        return bytes.contains(0) ? nil : ImagePath(bytes: bytes)
    }

    /// The path that a report names a file by; `nil` for one that begins elsewhere, or that leads up again, as no path in a store does.
    static func absolute(_ text: some StringProtocol) -> ImagePath? {
        guard let path = path(text), path.bytes.first == ImagePath.slash else { return nil }
        let leadsUp = path.bytes.split(separator: ImagePath.slash).contains(Array("..".utf8)[...])
        return leadsUp ? nil : path
    }

    static func refusal(_ text: some StringProtocol) -> String { "\"\(text)\" is no absolute path without .." }

    private static func escaped(_ byte: UInt8) -> String { "\\x" + hexadecimal([byte]) }
}
