import CodeFiles
import HashDB
import ImageCodes
import Synchronization

/// The last reports of duplicates of a store, so that one can page through them.
final class ReportCache: Sendable {
    /// What was asked for.
    struct Question: Hashable {
        var tier: DuplicateTier
        var radius: Int
    }

    /// What was found.
    struct Report: Sendable {
        var commit: CommitSighting
        var report: DuplicateReport
        var summary: DuplicateSearch.Summary
        /// When it was there, and how long it took to make.
        var finished = ContinuousClock.now
        var took = Duration.zero
    }

    /// How long a report counts that was made too slowly for any request to wait for it.
    private static let age = Duration.seconds(60)

    private struct State {
        var reports: [Question: Report] = [:]
        /// Whether a thread makes one. A second one would wait for nothing that the first does not keep busy.
        var isUnderWay = false
    }

    private let state = Mutex(State())

    /// The report of a commit, which `make` makes if there is none yet. A report that another thread is making is not waited for.
    ///
    /// Of a store that is written to all the time, one that takes longer than `time` to make, as long as a request waits, would be of an earlier
    /// commit whenever it is asked for: such a one counts for a while.
    /// - Throws: `ServiceError`; what `make` throws.
    func report(
        _ question: Question, of commit: CommitSighting, within time: Duration, _ make: () throws -> Report
    ) throws -> Report {
        let known = try state.withLock { state -> Report? in
            if let known = state.reports[question],
                commit.hasContents(of: known.commit)
                    || known.took > time && ContinuousClock.now - known.finished < Self.age
            {
                return known
            }
            guard !state.isUnderWay else {
                throw ServiceError(503, "the duplicates are being looked for; ask again in a while")
            }
            state.isUnderWay = true
            return nil
        }
        if let known { return known }
        defer { state.withLock { $0.isUnderWay = false } }
        let start = ContinuousClock.now
        var made = try make()
        made.finished = .now
        made.took = made.finished - start
        state.withLock { state in
            if state.reports.count > 3 { state.reports = [:] }
            state.reports[question] = made
        }
        return made
    }
}

extension StoreService {
    /// A page of the groups of duplicates.
    func duplicates(of store: ServedStore, _ request: HTTPRequest) throws -> HTTPResponse {
        let parameters = try QueryParameters(request, known: ["tier", "radius", "offset", "count"])
        let usual: DuplicateTier = store.perceptualHash == nil ? .samePixels : .near
        guard let tier = parameters.text("tier").map({ DuplicateTier(rawValue: $0) }) ?? usual else {
            let names = DuplicateTier.allCases.map(\.rawValue).joined(separator: ", ")
            throw ServiceError(400, "tier must be one of \(names)")
        }
        guard tier != .near || store.perceptualHash != nil else {
            throw ServiceError(
                422, "near codes of the store \(store.name) need not be copies; ask for the tier look-alike")
        }
        let bits = store.store.bitWidth
        let radius = try parameters.number("radius", in: 0...bits) ?? (bits == 256 ? 31 : bits / 8)
        let offset = try parameters.number("offset", in: 0...Int.max) ?? 0
        let count = try parameters.number("count", in: 1...100) ?? 10
        return try store.store.read { snapshot in
            let question = ReportCache.Question(tier: tier, radius: tier <= .samePixels ? 0 : radius)
            let commit = try CommitSighting(snapshot)
            let found = try store.reports.report(question, of: commit, within: limits.time) {
                let search = DuplicateSearch(tier: tier, radius: radius)
                let (report, summary) = try search.run(snapshot, store: ImagePath(store.store.path))
                return .init(commit: commit, report: report, summary: summary)
            }
            var groups: [JSONValue] = []
            for group in found.report.groups.dropFirst(offset).prefix(count) {
                groups.append(try Self.json(group, snapshot))
            }
            return HTTPResponse(
                200,
                [
                    "commit": .unsigned(found.commit.number), "tier": .string(tier.rawValue),
                    "radius": .integer(question.radius), "rule": .string(found.report.rule),
                    "images": .integer(found.summary.images), "vanished": .integer(found.summary.vanished),
                    "total": .integer(found.report.groups.count), "offset": .integer(offset),
                    "groups": .array(groups),
                ])
        }
    }

    private static func json(_ group: DuplicateReport.Group, _ snapshot: borrowing Snapshot) throws -> JSONValue {
        var images: [JSONValue] = []
        for image in group.images {
            var members: [JSONValue.Member] = []
            if let id = try snapshot.image(with: image.content)?.id { members.append(.init("id", .unsigned(id))) }
            images.append(
                .object(
                    members + [
                        .init("mark", .string(image.mark.rawValue)), .init("why", .string(image.why)),
                        .init("distance", .integer(image.distance)), .init("path", .text(image.path.bytes)),
                        .init("width", .integer(image.width)), .init("height", .integer(image.height)),
                        .init("bytes", .unsigned(image.content.size)),
                    ]))
        }
        return ["tier": .string(group.tier.rawValue), "images": .array(images)]
    }
}
