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
        var best: [Match] = []
        guard self.count > 0 else { return best }
        let wanted = min(count, self.count)
        try collect(
            code, plan, &work, count: wanted, limit: { best.count == wanted ? best[wanted - 1].distance : bitWidth }
        ) { found in
            best = Array((best + found).sorted().prefix(wanted))
        }
        return best
    }

    /// `within(radius:of:plan:)`, adding what it did to `work`.
    package func within(radius: Int, of code: BinaryCode, plan: QueryPlan, work: inout SearchWork) throws -> [Match] {
        guard radius >= 0 else { throw HashDBError.invalidRadius(radius) }
        try state.header.shape.check(code)
        var matches: [Match] = []
        try collect(code, plan, &work, count: 0, limit: { min(radius, bitWidth) }) { matches += $0 }
        return matches.sorted()
    }

    /// Searches part after part of the store, each within the `limit` that those before it have left.
    private func collect(
        _ code: BinaryCode, _ plan: QueryPlan, _ work: inout SearchWork, count: Int, limit: () -> Int,
        _ take: ([Match]) -> Void
    ) throws {
        try code.withQuery(state.header.shape) { query in
            if state.delta.count > 0 {
                take(try state.delta.search(query, count: count, limit: limit(), work: &work))
            }
            for view in state.segments {
                var collector = Collector(count: count, limit: limit())
                try view.search(query, plan: plan, into: &collector, work: &work, transaction)
                var found: [Match] = []
                try collector.forEach {
                    found.append(Match(id: try view.segment.id(ofRow: $1, transaction), distance: $0))
                }
                take(found)
            }
        }
    }
}
