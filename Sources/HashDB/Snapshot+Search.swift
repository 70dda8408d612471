import CHamming
import LMDB

extension Snapshot {
    /// The `count` items nearest to a code, fewer if there are fewer, ordered by distance and then by id.
    ///
    /// Exact, whatever the plan. Multi-index hashing (Norouzi, Punjani, Fleet, TPAMI 2014) over the segments, then or instead
    /// a scan, as the planner finds cheaper.
    /// - Parameters:
    ///   - code: The query.
    ///   - count: How many items are wanted, at least 1.
    ///   - filter: Which items may be found.
    ///   - plan: How to go about it.
    /// - Complexity: O(n) at worst: a scan of all codes, and a little more. A small share of that where the nearest are near. Beside that
    ///   O(r log r) for an answer of r items, and what the filter takes.
    /// - Throws: `HashDBError.invalidCount` unless `count` is at least 1; `codeWidthMismatch`, `damaged`, `outOfMemory`; `CancellationError`
    ///   if the task that it runs in is cancelled, which it looks for between blocks of codes.
    public func nearest(
        to code: BinaryCode, count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [Match] {
        var explanation: QueryExplanation?
        return try nearest(to: code, count: count, among: filter, plan: plan, explaining: &explanation)
    }

    /// All items within `radius` bits of a code, the radius included, ordered by distance and then by id.
    ///
    /// - Parameters:
    ///   - radius: The largest distance that counts, at least 0.
    ///   - code: The query.
    ///   - filter: Which items may be found.
    ///   - plan: How to go about it.
    /// - Complexity: As `nearest(to:count:among:plan:)`; the smaller the radius, the smaller the share of a scan.
    /// - Throws: `HashDBError.invalidRadius` if `radius` is negative; `codeWidthMismatch`, `damaged`, `outOfMemory`; `CancellationError` if
    ///   the task that it runs in is cancelled, which it looks for between blocks of codes.
    public func within(
        radius: Int, of code: BinaryCode, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [Match] {
        var explanation: QueryExplanation?
        return try within(radius: radius, of: code, among: filter, plan: plan, explaining: &explanation)
    }

    /// `nearest(to:count:among:plan:)`, adding what was planned and done to an explanation if there is one;
    /// <doc:Performance> has an example.
    public func nearest(
        to code: BinaryCode, count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic,
        explaining explanation: inout QueryExplanation?
    ) throws -> [Match] {
        guard count >= 1 else { throw HashDBError.invalidCount(count) }
        try state.header.shape.check(code)
        guard self.count > 0 else { return [] }
        let wanted = min(count, self.count)
        return try code.withQuery(state.header.shape) { query in
            let request = SearchRequest(query: query, count: wanted, filter: filter, plan: plan)
            var best: [Match] = []
            for part in 0...state.segments.count {
                let limit = best.count == wanted ? best[wanted - 1].distance : bitWidth
                let found = try search(part, request, limit: limit, &explanation)
                best = best.isEmpty ? found : merged(best, found)
                if best.count > wanted { best.removeLast(best.count - wanted) }
            }
            return best
        }
    }

    /// `within(radius:of:among:plan:)`, adding what was planned and done to an explanation if there is one.
    public func within(
        radius: Int, of code: BinaryCode, among filter: ItemFilter = .all, plan: QueryPlan = .automatic,
        explaining explanation: inout QueryExplanation?
    ) throws -> [Match] {
        guard radius >= 0 else { throw HashDBError.invalidRadius(radius) }
        try state.header.shape.check(code)
        return try code.withQuery(state.header.shape) { query in
            let request = SearchRequest(query: query, count: 0, filter: filter, plan: plan)
            var all: [Match] = []
            for part in 0...state.segments.count {
                all = merged(all, try search(part, request, limit: min(radius, bitWidth), &explanation))
            }
            return all
        }
    }

    /// Searches one part of the store: the delta, then the segments from the largest on.
    private func search(
        _ part: Int, _ request: SearchRequest, limit: Int, _ explanation: inout QueryExplanation?
    ) throws -> [Match] {
        let start = explanation.map { _ in ContinuousClock.now }
        if part == 0 {
            guard state.delta.count > 0 else { return [] }
            let found = try state.delta.search(request, limit: limit, bitWidth: bitWidth)
            if let start { explanation?.parts.append(.init(delta: state.delta.count, start.duration(to: .now))) }
            return found
        }
        let view = state.segments[part - 1]
        var search = try SegmentSearch(view, request, transaction)
        if start != nil { search.explainPlan(limit: limit) }
        let found = try search.rows(limit: limit, transaction).map {
            Match(id: try view.segment.id(ofRow: $0.row, transaction), distance: $0.distance)
        }
        if let start {
            var part = search.explanation
            part.duration = start.duration(to: .now)
            explanation?.parts.append(part)
        }
        return found
    }
}

extension QueryExplanation.Part {
    /// A scan of the delta.
    init(delta count: Int, _ duration: Duration) {
        self.init(segment: nil, rows: count, expectedReach: nil, expectedScan: 0, expectedProbing: nil)
        work.scanned = count
        self.duration = duration
    }
}

/// Two ordered lists in one.
func merged(_ a: [Match], _ b: [Match]) -> [Match] {
    if a.isEmpty || b.isEmpty { return a.isEmpty ? b : a }
    var all: [Match] = []
    all.reserveCapacity(a.count + b.count)
    var i = 0
    var j = 0
    while i < a.count || j < b.count {
        if j == b.count || (i < a.count && a[i] < b[j]) {
            all.append(a[i])
            i += 1
        } else {
            all.append(b[j])
            j += 1
        }
    }
    return all
}
