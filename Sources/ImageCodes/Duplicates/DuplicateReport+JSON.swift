import Foundation

extension DuplicateReport {
    /// The report as one JSON document. In paths the lone surrogates U+DC80 to U+DCFF stand for bytes that are not UTF-8.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(JSONReport(self)) else { return "{}\n" }
        return ReportPath.withSurrogates(String(decoding: data, as: UTF8.self)) + "\n"
    }

    init(json: String, named name: String) throws {
        func wrong(_ reason: String) -> ReportError { ReportError(name: name, line: nil, reason: reason) }
        do {
            let data = Data(ReportPath.withoutSurrogates(json).utf8)
            let report = try JSONDecoder().decode(JSONReport.self, from: data)
            guard report.format == JSONReport.format || report.format == JSONReport.firstFormat else {
                throw wrong("its format is \(report.format), not \(JSONReport.format)")
            }
            self = try report.report(wrong)
        } catch let error as DecodingError {
            throw wrong(JSONReport.reason(of: error))
        }
    }
}

/// How a report is laid out in JSON.
private struct JSONReport: Codable {
    static let format = "hashdb duplicates 2"
    /// Its paths are those of the text form.
    static let firstFormat = "hashdb duplicates 1"

    struct Image: Codable {
        var mark: String
        var why: String
        var distance: Int
        var path: String
        var size: UInt64
        var width: Int
        var height: Int
        var modified: String
        var content: String
        var device: UInt64
        var inode: UInt64
    }
    struct Group: Codable {
        var tier: String
        var images: [Image]
    }
    struct Returned: Codable {
        var path: String
        var formerPath: String
        var distance: Int
    }

    var format: String
    var store: String
    var model: String
    var tier: String
    var radius: Int
    var bits: Int
    var rule: String?
    var groups: [Group]
    var returned: [Returned]?

    init(_ report: DuplicateReport) {
        format = Self.format
        store = ReportPath.string(report.store)
        model = report.model
        (tier, radius, bits, rule) = (report.tier.rawValue, report.radius, report.bits, report.rule)
        groups = report.groups.map { group in
            Group(
                tier: group.tier.rawValue,
                images: group.images.map {
                    Image(
                        mark: $0.mark.rawValue, why: $0.why, distance: $0.distance, path: ReportPath.string($0.path),
                        size: $0.content.size, width: $0.width, height: $0.height,
                        modified: ReportTime.text($0.modificationTime), content: "\($0.content.hash)",
                        device: $0.file.device, inode: $0.file.inode)
                })
        }
        returned = report.returned.map {
            Returned(
                path: ReportPath.string($0.path), formerPath: ReportPath.string($0.formerPath), distance: $0.distance)
        }
    }

    /// What was read; `wrong` makes the error.
    func report(_ wrong: (String) -> ReportError) throws -> DuplicateReport {
        func path(_ text: String) throws -> ImagePath {
            let path = format == Self.firstFormat ? ReportPath.path(text) : ReportPath.path(string: text)
            guard let absolute = ReportPath.absolute(path) else { throw wrong(ReportPath.refusal(text)) }
            return absolute
        }
        func tier(_ text: String) throws -> DuplicateTier {
            guard let tier = DuplicateTier(rawValue: text) else { throw wrong("\"\(text)\" is no tier") }
            return tier
        }
        var report = DuplicateReport(
            store: try path(store), model: model, tier: try tier(self.tier), radius: radius, bits: bits)
        report.groups = try groups.map { group in
            .init(
                images: try group.images.map { image in
                    let path = try path(image.path)
                    guard let hash = ContentHash(hexadecimal: image.content),
                        let time = ReportTime.nanoseconds(image.modified),
                        (1...1 << 31).contains(image.width), (1...1 << 31).contains(image.height), image.distance >= 0
                    else { throw wrong("a field of \(path) cannot be read") }
                    return .init(
                        mark: try .init(parsing: image.mark) { wrong("the mark of \(path): \($0)") }, why: image.why,
                        distance: image.distance, path: path, content: ImageContent(hash: hash, size: image.size),
                        width: image.width,
                        height: image.height, modificationTime: time,
                        file: FileNumber(device: image.device, inode: image.inode))
                }, tier: try tier(group.tier))
        }
        .filter { !$0.images.isEmpty }
        return report
    }

    /// Why the text is no report, in other words than Foundation's.
    static func reason(of error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.map { key in key.intValue.map { "\($0 &+ 1)" } ?? key.stringValue }.joined(separator: " ")
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(place(context.codingPath + [key])) is missing"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            "its JSON is cut off or damaged, or a number in it is out of range"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(place(context.codingPath)) is not what it should be"
        @unknown default: "it is not JSON as it should be"
        }
    }
}
