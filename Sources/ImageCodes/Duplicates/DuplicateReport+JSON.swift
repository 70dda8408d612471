import CodeFiles

extension DuplicateReport {
    private static let format = "hashdb duplicates 2"
    /// Its paths are those of the text form.
    private static let firstFormat = "hashdb duplicates 1"

    /// The report as one JSON document. In paths the lone surrogates U+DC80 to U+DCFF stand for bytes that are not UTF-8.
    public var json: String {
        let report: JSONValue = [
            "bits": .integer(bits), "format": .string(Self.format), "groups": .array(groups.map(\.json)),
            "model": .string(model), "radius": .integer(radius), "returned": .array(returned.map(\.json)),
            "rule": .string(rule), "store": .text(store.bytes), "tier": .string(tier.rawValue),
        ]
        return report.indented + "\n"
    }

    /// Reads the report's own members, and passes over all others.
    init(json: String, named name: String) throws {
        func wrong(_ reason: String) -> ReportError { ReportError(name: name, line: nil, reason: reason) }
        let report: ReportObject
        do {
            report = ReportObject(try JSONReader.read(Array(json.utf8)[...]), wrong)
        } catch {
            throw wrong("its JSON is cut off or damaged: \(error)")
        }
        let format = try report.string("format")
        guard format == Self.format || format == Self.firstFormat else {
            throw wrong("its format is \(format), not \(Self.format)")
        }
        let isOfFirstFormat = format == Self.firstFormat
        self.init(
            store: try report.path("store", escaped: isOfFirstFormat), model: try report.string("model"),
            tier: try report.tier, radius: try report.number("radius"), bits: try report.number("bits"))
        groups = try report.objects("groups").map { group in
            let images = try group.objects("images").map { try Image($0, escaped: isOfFirstFormat) }
            return Group(images: images, tier: try group.tier)
        }
        .filter { !$0.images.isEmpty }
    }
}

extension DuplicateReport.Group {
    fileprivate var json: JSONValue {
        ["images": .array(images.map(\.json)), "tier": .string(tier.rawValue)]
    }
}

extension DuplicateReport.Image {
    fileprivate var json: JSONValue {
        [
            "content": .string("\(content.hash)"), "device": .unsigned(file.device), "distance": .integer(distance),
            "height": .integer(height), "inode": .unsigned(file.inode), "mark": .string(mark.rawValue),
            "modified": .string(ReportTime.text(modificationTime)), "path": .text(path.bytes),
            "size": .unsigned(content.size), "why": .string(why), "width": .integer(width),
        ]
    }

    fileprivate init(_ image: ReportObject, escaped: Bool) throws {
        let path = try image.path("path", escaped: escaped)
        let (width, height): (Int, Int) = (try image.number("width"), try image.number("height"))
        let distance: Int = try image.number("distance")
        guard let hash = ContentHash(hexadecimal: try image.string("content")),
            let time = ReportTime.nanoseconds(try image.string("modified")),
            (1...1 << 31).contains(width), (1...1 << 31).contains(height), distance >= 0
        else { throw image.wrong("a field of \(path) cannot be read") }
        self.init(
            mark: try .init(parsing: try image.string("mark")) { image.wrong("the mark of \(path): \($0)") },
            why: try image.string("why"), distance: distance, path: path,
            content: ImageContent(hash: hash, size: try image.number("size")), width: width, height: height,
            modificationTime: time,
            file: FileNumber(device: try image.number("device"), inode: try image.number("inode")))
    }
}

extension DuplicateReport.Returned {
    fileprivate var json: JSONValue {
        ["distance": .integer(distance), "formerPath": .text(formerPath.bytes), "path": .text(path.bytes)]
    }
}

extension ReportObject {
    fileprivate var tier: DuplicateTier {
        get throws {
            let text = try string("tier")
            guard let tier = DuplicateTier(rawValue: text) else { throw wrong("\"\(text)\" is no tier") }
            return tier
        }
    }

    /// - Parameter escaped: whether it is written as in the text form.
    fileprivate func path(_ name: String, escaped: Bool) throws -> ImagePath {
        let bytes = try bytes(name)
        let path =
            escaped
            ? String(validating: bytes, as: UTF8.self).flatMap { ReportPath.path($0) } : ImagePath(bytes: bytes)
        guard let path = ReportPath.absolute(path) else { throw wrong(ReportPath.refusal(bytes)) }
        return path
    }
}
