import Foundation

extension DuplicateReport {
    /// The report as one JSON document. Paths are written as in the text form, with `\xHH` for what is not UTF-8.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(JSONReport(self)) else { return "{}\n" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    init(json: String, named name: String) throws {
        do {
            let report = try JSONDecoder().decode(JSONReport.self, from: Data(json.utf8))
            guard report.format == JSONReport.format else {
                throw ReportError(
                    name: name, line: nil, reason: "its format is \(report.format), not \(JSONReport.format)")
            }
            self = try report.report(named: name)
        } catch let error as DecodingError {
            throw ReportError(name: name, line: nil, reason: JSONReport.reason(of: error))
        }
    }
}

/// How a report is laid out in JSON.
private struct JSONReport: Codable {
    static let format = "hashdb duplicates 1"

    struct Image: Codable {
        var mark: DuplicateReport.Mark
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
        var tier: DuplicateTier
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
    var tier: DuplicateTier
    var radius: Int
    var bits: Int
    var rule: String?
    var groups: [Group]
    var returned: [Returned]?

    init(_ report: DuplicateReport) {
        format = Self.format
        store = ReportPath.text(report.store)
        model = report.model
        (tier, radius, bits, rule) = (report.tier, report.radius, report.bits, report.rule)
        groups = report.groups.map { group in
            Group(
                tier: group.tier,
                images: group.images.map {
                    Image(
                        mark: $0.mark, why: $0.why, distance: $0.distance, path: ReportPath.text($0.path),
                        size: $0.content.size, width: $0.width, height: $0.height,
                        modified: ReportTime.text($0.modificationTime), content: "\($0.content.hash)",
                        device: $0.file.device, inode: $0.file.inode)
                })
        }
        returned = report.returned.map {
            Returned(
                path: ReportPath.text($0.path), formerPath: ReportPath.text($0.formerPath), distance: $0.distance)
        }
    }

    func report(named name: String) throws -> DuplicateReport {
        func wrong(_ reason: String) -> ReportError { ReportError(name: name, line: nil, reason: reason) }
        func path(_ text: String) throws -> ImagePath {
            guard let path = ReportPath.absolute(text) else { throw wrong(ReportPath.refusal(text)) }
            return path
        }
        var report = DuplicateReport(
            store: try path(store), model: model, tier: tier, radius: radius, bits: bits)
        report.groups = try groups.map { group in
            .init(
                images: try group.images.map { image in
                    guard let hash = ContentHash(hexadecimal: image.content),
                        let time = ReportTime.nanoseconds(image.modified),
                        (1...1 << 31).contains(image.width), (1...1 << 31).contains(image.height), image.distance >= 0
                    else { throw wrong("a field of \(image.path) cannot be read") }
                    return .init(
                        mark: image.mark, why: image.why, distance: image.distance, path: try path(image.path),
                        content: ImageContent(hash: hash, size: image.size), width: image.width, height: image.height,
                        modificationTime: time, file: FileNumber(device: image.device, inode: image.inode))
                }, tier: group.tier)
        }
        .filter { !$0.images.isEmpty }
        return report
    }

    static func reason(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" is not what it should be"
        case .dataCorrupted(let context): "not JSON as it should be: \(context.debugDescription)"
        @unknown default: "not JSON as it should be"
        }
    }
}
