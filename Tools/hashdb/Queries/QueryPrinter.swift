import CodeFiles
import HashDB
import ImageCodes
import PerceptualHashes

/// A found item with what the store knows of it.
struct DescribedMatch {
    let match: Match
    let record: StoredRecord
    /// How the query had to be turned to be as near as that, if that was asked.
    var variant: ImageVariant?

    init(_ match: Match, _ payload: [UInt8]?, _ roots: ImageRoots) {
        self.match = match
        record = StoredRecord(payload, roots)
    }
}

/// Prints the answers to queries on standard output.
struct QueryPrinter {
    let json: Bool

    func write(_ query: Subject, _ neighbours: [DescribedMatch], _ explanation: QueryExplanation? = nil) throws {
        let report = explanation.map { ExplanationReport($0) }
        if json {
            try StandardOutput.write(jsonLine(query, neighbours, report))
        } else {
            try StandardOutput.write(table(query, neighbours) + (report?.text ?? ""))
        }
    }

    private func jsonLine(_ query: Subject, _ neighbours: [DescribedMatch], _ report: ExplanationReport?) -> String {
        let list = neighbours.map { neighbour in
            var members: [JSONValue.Member] = [
                .init("id", .unsigned(neighbour.match.id)),
                .init("distance", .integer(neighbour.match.distance)),
            ]
            members += neighbour.record.pathMembers
            if case .name(let name) = neighbour.record { members.append(.init("name", .text(name.bytes))) }
            if let variant = neighbour.variant { members.append(.init("variant", .string(variant.rawValue))) }
            return JSONValue.object(members)
        }
        var members: [JSONValue.Member] = [.init("query", query.label), .init("neighbors", .array(list))]
        if let report { members.append(.init("explanation", report.json)) }
        return JSONValue.object(members).description + "\n"
    }

    private func table(_ query: Subject, _ neighbours: [DescribedMatch]) -> String {
        let width = max(2, neighbours.map { String($0.match.id).count }.max() ?? 0)
        var text = "\(query.name)\n"
        if neighbours.isEmpty { return text + "  nothing found\n" }
        let hasPaths = neighbours.contains { $0.record.path != nil }
        let hasNames = neighbours.contains { $0.record.label != nil }
        let hasVariants = neighbours.contains { $0.variant != nil }
        let variants = hasVariants ? "  variant       " : ""
        text += "  distance  \(padded("id", width))\(variants)\(hasPaths ? "  path" : hasNames ? "  name" : "")\n"
        for neighbour in neighbours {
            text += "  \(padded("\(neighbour.match.distance)", 8))  \(padded("\(neighbour.match.id)", width))"
            if let variant = neighbour.variant?.rawValue {
                text += "  " + variant + String(repeating: " ", count: max(0, 14 - variant.count))
            }
            if let label = neighbour.record.label { text += "  \(label)" }
            // No path that is shown has a tab in it: what stands before is the path, whatever it looks like.
            if neighbour.record.furtherPaths > 0 { text += "\t(+\(neighbour.record.furtherPaths) more)" }
            text += "\n"
        }
        return text
    }
}
