import CodeFiles
import HashDB
import ImageCodes

/// What a search asks for.
struct SearchQuestion {
    /// Codes of the store's width.
    var codes: [BinaryCode] = []
    /// The item whose code is meant, if no codes are given.
    var id: UInt64?
    /// Whether the answer is that to one code, not a list of answers.
    var isSingle = true
    /// Whether an item counts once, at the distance of the nearest code.
    var isMerged = false
    var isStreamed = false
    /// Whether what the store has beside the codes is told too.
    var hasRecords = true
    var isRange: Bool
    /// The count, or the radius.
    var number: Int
    var filter = ItemFilter.all
    var isFiltered = false

    /// - Throws: `ServiceError`, `HashDBError`.
    init(_ body: [UInt8], of store: Store, isRange: Bool, _ limits: Limits) throws {
        var fields = try RequestFields(body)
        self.isRange = isRange
        if let code = try fields.code("code", bits: store.bitWidth) {
            guard !fields.has("codes") else { throw ServiceError(400, "give \"code\" or \"codes\", not both") }
            codes = [code]
        } else if let values = try fields.array("codes") {
            isSingle = false
            guard values.count <= limits.queries else {
                throw ServiceError(
                    413, "\(values.count) codes in one request; the most are \(limits.queries) (--max-batch)")
            }
            codes = try values.map { try RequestFields.code($0, "codes", bits: store.bitWidth) }
        } else {
            id = try fields.id("id")
            if id == nil {
                throw ServiceError(
                    400, "nothing to look for: give \"code\", an array of \"codes\", or the \"id\" of an item")
            }
        }
        if isRange {
            guard let radius = try fields.number("radius", in: 0...store.bitWidth) else {
                throw ServiceError(400, "give a \"radius\" from 0 to \(store.bitWidth)")
            }
            number = radius
            isStreamed = try fields.bool("stream")
        } else {
            number = try fields.number("k", in: 1...limits.neighbours) ?? min(10, limits.neighbours)
        }
        isMerged = try fields.bool("merge")
        if isMerged { isSingle = true }
        if fields.has("records") { hasRecords = try fields.bool("records") }
        let (only, excluded) = (try fields.ids("only_ids"), try fields.ids("exclude_ids"))
        if only != nil, excluded != nil { throw ServiceError(400, "give \"only_ids\" or \"exclude_ids\", not both") }
        if let only { filter = .ids(only) }
        if let excluded { filter = .excluding(excluded) }
        isFiltered = only != nil || excluded != nil
        try fields.finish()
    }

    /// Items that are found before they are counted. While they are, they take some hundred bytes each.
    private static let mostAtOnce = 1 << 19

    /// What is searched for.
    func codes(in snapshot: borrowing Snapshot) throws -> ArraySlice<BinaryCode> {
        guard let id else { return codes[...] }
        guard let code = try snapshot.code(of: id) else { throw HashDBError.unknownID(id) }
        return [code]
    }

    /// The answers to all codes as of one commit. Between some codes and the next it is seen whether there is time, and whether there are
    /// not too many items already.
    ///
    /// - Parameter held: what counts the items of an answer that is streamed.
    func answers(
        in snapshot: borrowing Snapshot, _ limits: Limits, by deadline: Deadline, held: HeldItems? = nil
    ) throws -> [[Match]] {
        var rest = try codes(in: snapshot)
        var answers: [[Match]] = []
        var merged = MergedAnswer()
        var count = 0
        let limit = isStreamed ? limits.streamed : limits.results
        // How many are within a radius is only known of the codes before; of an answer that is streamed, one code may have everything.
        var most = isRange ? (isStreamed ? snapshot.count : 1) : number
        var chunk = isRange ? 1 : 32
        while !rest.isEmpty {
            try deadline.check()
            let some = Array(rest.prefix(isFiltered ? 1 : max(1, min(chunk, Self.mostAtOnce / max(1, most)))))
            rest = rest.dropFirst(some.count)
            let before = count
            for matches in try neighbours(of: some, in: snapshot, atMost: isMerged ? limit : limit - count) {
                if isMerged { merged.add(matches) } else { answers.append(matches) }
                count += matches.count
                most = max(most, matches.count)
            }
            chunk = min(4 * chunk, 32)
            if isMerged { count = isRange ? merged.count : min(number, merged.count) }
            try limits.check(
                items: count, isStreamed: isStreamed, advice: isRange ? ", or with \"stream\": true" : "")
            try held?.take(count - before)
        }
        return isMerged ? [isRange ? merged.matches : Array(merged.matches.prefix(number))] : answers
    }

    /// - Parameters:
    ///   - codes: one, if only some items may be found.
    ///   - most: what one code may have; more of a range is no whole answer.
    private func neighbours(
        of codes: [BinaryCode], in snapshot: borrowing Snapshot, atMost most: Int
    ) throws -> [[Match]] {
        if let code = codes.first, codes.count == 1 {
            return [
                isRange
                    ? try snapshot.within(radius: number, of: code, among: filter, atMost: most)
                    : try snapshot.nearest(to: code, count: number, among: filter)
            ]
        }
        return isRange
            ? try snapshot.nearest(to: codes, count: most + 1, within: number)
            : try snapshot.nearest(to: codes, count: number)
    }
}

extension Snapshot {
    /// All items within a radius, if they are no more than `most`; else the nearest, one more than that: by it one sees that there are too
    /// many, and no more memory is taken.
    package func within(
        radius: Int, of code: BinaryCode, among filter: ItemFilter = .all, atMost most: Int
    ) throws -> [Match] {
        try nearest(to: code, count: most + 1, within: radius, among: filter)
    }
}

/// Each item once, at its least distance, of answers that come one after the other.
private struct MergedAnswer {
    private var first: [Match] = []
    /// Empty as long as no more than one answer has items.
    private var best: [UInt64: Int] = [:]

    var count: Int { best.isEmpty ? first.count : best.count }

    /// In the usual order.
    var matches: [Match] {
        best.isEmpty ? first : best.map { Match(id: $0.key, distance: $0.value) }.sorted()
    }

    mutating func add(_ matches: [Match]) {
        if matches.isEmpty { return }
        if first.isEmpty {
            first = matches
            return
        }
        for match in best.isEmpty ? first + matches : matches where match.distance < best[match.id] ?? .max {
            best[match.id] = match.distance
        }
    }
}

extension StoreService {
    func search(
        _ store: ServedStore, _ request: HTTPRequest, isRange: Bool, _ deadline: Deadline
    ) throws -> HTTPResponse {
        let question = try SearchQuestion(request.body, of: store.store, isRange: isRange, limits)
        return try store.store.read { snapshot in
            let held = question.isStreamed ? HeldItems(in: streamRoom) : nil
            let answers = try question.answers(in: snapshot, limits, by: deadline, held: held)
            let commit = snapshot.commitNumber
            if let held {
                let stream = AnswerStream(answers, commit: commit, isSingle: question.isSingle, held)
                return HTTPResponse(200, type: "application/x-ndjson") { stream.piece() }
            }
            let describer = try question.hasRecords ? ItemDescriber(snapshot) : nil
            let head = JSONValue.Member("commit", .unsigned(commit))
            if question.isSingle {
                let list = try Self.list(answers.first ?? [], describer, snapshot)
                return HTTPResponse(200, .object([head, .init("neighbors", list)]))
            }
            var lists: [JSONValue] = []
            for matches in answers { lists.append(["neighbors": try Self.list(matches, describer, snapshot)]) }
            return HTTPResponse(200, .object([head, .init("answers", .array(lists))]))
        }
    }

    private static func list(
        _ matches: [Match], _ describer: ItemDescriber?, _ snapshot: borrowing Snapshot
    ) throws -> JSONValue {
        var list: [JSONValue] = []
        for match in matches {
            let more = try describer?.members(of: match.id, snapshot) ?? []
            list.append(.object(members(of: match) + more))
        }
        return .array(list)
    }

    static func members(of match: Match) -> [JSONValue.Member] {
        [.init("id", .unsigned(match.id)), .init("distance", .integer(match.distance))]
    }
}
