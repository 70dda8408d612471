import CodeFiles
import HashDB
import ImageCodes
import PerceptualHashes

/// A found item with what the store knows of it.
struct Neighbor {
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

    func write(_ query: Subject, _ neighbors: [Neighbor], _ explanation: QueryExplanation? = nil) throws {
        let report = explanation.map { ExplanationReport($0) }
        if json {
            try StandardOutput.write(jsonLine(query, neighbors, report))
        } else {
            try StandardOutput.write(table(query, neighbors) + (report?.text ?? ""))
        }
    }

    private func jsonLine(_ query: Subject, _ neighbors: [Neighbor], _ report: ExplanationReport?) -> String {
        let list = neighbors.map { neighbor in
            var members: [JSONValue.Member] = [
                .init("id", .unsigned(neighbor.match.id)),
                .init("distance", .integer(neighbor.match.distance)),
            ]
            members += neighbor.record.pathMembers
            if case .name(let name) = neighbor.record { members.append(.init("name", .text(name.bytes))) }
            if let variant = neighbor.variant { members.append(.init("variant", .string(variant.rawValue))) }
            return JSONValue.object(members)
        }
        var members: [JSONValue.Member] = [.init("query", query.label), .init("neighbors", .array(list))]
        if let report { members.append(.init("explanation", report.json)) }
        return JSONValue.object(members).description + "\n"
    }

    private func table(_ query: Subject, _ neighbors: [Neighbor]) -> String {
        let width = max(2, neighbors.map { String($0.match.id).count }.max() ?? 0)
        var text = "\(query.name)\n"
        if neighbors.isEmpty { return text + "  nothing found\n" }
        let hasPaths = neighbors.contains { $0.record.path != nil }
        let hasNames = neighbors.contains { $0.record.label != nil }
        let hasVariants = neighbors.contains { $0.variant != nil }
        let variants = hasVariants ? "  variant       " : ""
        text += "  distance  \(padded("id", width))\(variants)\(hasPaths ? "  path" : hasNames ? "  name" : "")\n"
        for neighbor in neighbors {
            text += "  \(padded("\(neighbor.match.distance)", 8))  \(padded("\(neighbor.match.id)", width))"
            if let variant = neighbor.variant?.rawValue {
                text += "  " + variant + String(repeating: " ", count: max(0, 14 - variant.count))
            }
            if let label = neighbor.record.label { text += "  \(label)" }
            // No path that is shown has a tab in it: what stands before is the path, whatever it looks like.
            if neighbor.record.furtherPaths > 0 { text += "\t(+\(neighbor.record.furtherPaths) more)" }
            text += "\n"
        }
        return text
    }
}
