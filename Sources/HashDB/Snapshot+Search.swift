import CHamming
import LMDB

extension Snapshot {
    /// The `count` items nearest to a code, fewer if the store has fewer, ordered by distance and then by id.
    ///
    /// Exact, whatever the plan. Multi-index hashing (Norouzi, Punjani, Fleet, TPAMI 2014) over the segments, then or instead
    /// a scan, as the planner finds cheaper.
    /// - Throws: `HashDBError.invalidCount` unless `count` is at least 1; `codeWidthMismatch`, `damaged`, `outOfMemory`.
    public func nearest(to code: BinaryCode, count: Int, plan: QueryPlan = .automatic) throws -> [Match] {
        var work = SearchWork()
        return try nearest(to: code, count: count, plan: plan, work: &work)
    }

    /// All items within `radius` bits of a code, the radius included, ordered by distance and then by id.
    ///
    /// - Throws: `HashDBError.invalidRadius` if `radius` is negative; `codeWidthMismatch`, `damaged`, `outOfMemory`.
    public func within(radius: Int, of code: BinaryCode, plan: QueryPlan = .automatic) throws -> [Match] {
        var work = SearchWork()
        return try within(radius: radius, of: code, plan: plan, work: &work)
    }

    /// `nearest(to:count:plan:)`, adding what it did to `work`.
    package func nearest(to code: BinaryCode, count: Int, plan: QueryPlan, work: inout SearchWork) throws -> [Match] {
        guard count >= 1 else { throw HashDBError.invalidCount(count) }
        try state.header.shape.check(code)
        guard self.count > 0 else { return [] }
        let wanted = min(count, self.count)
        return try code.withQuery(state.header.shape) { query in
            var best: [Match] = []
            for part in 0...state.segments.count {
                let limit = best.count == wanted ? best[wanted - 1].distance : bitWidth
                let found = try search(part, query, plan, &work, count: wanted, limit: limit)
                best = best.isEmpty ? found : Array(merged(best, found).prefix(wanted))
            }
            return Array(best.prefix(wanted))
        }
    }

    /// `within(radius:of:plan:)`, adding what it did to `work`.
    package func within(radius: Int, of code: BinaryCode, plan: QueryPlan, work: inout SearchWork) throws -> [Match] {
        guard radius >= 0 else { throw HashDBError.invalidRadius(radius) }
        try state.header.shape.check(code)
        return try code.withQuery(state.header.shape) { query in
            var all: [Match] = []
            for part in 0...state.segments.count {
                all = merged(all, try search(part, query, plan, &work, count: 0, limit: min(radius, bitWidth)))
            }
            return all
        }
    }

    /// Searches one part of the store: the delta, then the segments from the largest on.
    private func search(
        _ part: Int, _ query: UnsafePointer<hamming_query>, _ plan: QueryPlan, _ work: inout SearchWork, count: Int,
        limit: Int
    ) throws -> [Match] {
        if part == 0 {
            guard state.delta.count > 0 else { return [] }
            return try state.delta.search(query, count: count, limit: limit, bitWidth: bitWidth, work: &work)
        }
        let view = state.segments[part - 1]
        var search = SegmentSearch(view, query, plan: plan)
        defer { work += search.work }
        return try search.rows(count: count, limit: limit, transaction).map {
            Match(id: try view.segment.id(ofRow: $0.row, transaction), distance: $0.distance)
        }
    }
}

/// Two ordered lists in one.
private func merged(_ a: [Match], _ b: [Match]) -> [Match] {
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
