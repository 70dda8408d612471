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
            return try state.matches(request, limit: bitWidth, transaction, explaining: &explanation)
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
            return try state.matches(request, limit: min(radius, bitWidth), transaction, explaining: &explanation)
        }
    }
}
