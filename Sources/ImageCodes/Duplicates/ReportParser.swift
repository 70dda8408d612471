/// Reads the lines of a report.
struct ReportParser {
    let name: String
    private var store: ImagePath?
    private var model = ""
    private var settings: (tier: DuplicateTier, radius: Int, bits: Int)?
    private var groups: [DuplicateReport.Group] = []
    /// An empty line ends a group, so that the files of one whose line is lost are not taken for those of the group before.
    private var isInGroup = false
    private var line = 0

    init(name: String) { self.name = name }

    /// The way out is the editor: to make the report anew would cost all that somebody has marked in it.
    private func wrong(_ reason: String, _ advice: String) -> ReportError {
        ReportError(name: name, line: line, reason: reason, advice: advice)
    }

    /// About a line of a file.
    private func wrong(_ reason: String) -> ReportError { wrong(reason, "mend the line, or delete it") }

    mutating func take(_ text: Substring, number: Int) throws {
        line = number
        if number == 1, !DuplicateReport.isFirst(text) {
            throw wrong(
                "not a report of hashdb duplicates of version 1",
                "give the file that hashdb duplicates wrote, with its first line")
        }
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
        guard let first = words.first else {
            isInGroup = false
            return
        }
        switch first {
        case "#": try takeHeader(text, words.dropFirst())
        case "group":
            guard words.count == 3, let tier = DuplicateTier(rawValue: String(words[2])) else {
                let tiers = DuplicateTier.allCases.map(\.rawValue).joined(separator: ", ")
                throw wrong("a group is \"group NUMBER TIER\"", "write it so; the tiers are \(tiers)")
            }
            groups.append(.init(images: [], tier: tier))
            isInGroup = true
        default:
            guard !first.hasPrefix("#") else { return }
            guard isInGroup else {
                throw wrong(
                    "a file of no group: \"group NUMBER TIER\" is missing before it, or an empty line too many",
                    "write that line, or delete the empty one where both sides are one group")
            }
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
            else { throw wrong("the tier cannot be read", "write the line as hashdb duplicates does") }
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
        let mark = try DuplicateReport.Mark(parsing: fields[0], wrong)
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
        guard let path = ReportPath.absolute(ReportPath.path(text)) else { throw wrong(ReportPath.refusal(text.utf8)) }
        return path
    }

    func finish() throws -> DuplicateReport {
        guard let store, let settings else {
            throw ReportError(
                name: name, line: nil, reason: "its first lines lack the store or the tier",
                advice: "write them as hashdb duplicates does")
        }
        var report = DuplicateReport(
            store: store, model: model, tier: settings.tier, radius: settings.radius, bits: settings.bits)
        report.groups = groups.filter { !$0.images.isEmpty }
        return report
    }
}

extension DuplicateReport.Mark {
    /// Reads a mark of a report; `wrong` makes the error.
    init(parsing text: some StringProtocol, _ wrong: (String) -> ReportError) throws {
        guard let mark = Self(rawValue: String(text)) else {
            var error = wrong("\"\(text)\" is neither keep nor drop")
            error.advice = "write keep or drop there"
            throw error
        }
        self = mark
    }
}
