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
        var none: QueryExplanation?
        return try found(count, of: code, among: filter, plan: plan, explaining: &none)
    }

    /// The `count` items nearest to a code of those within `radius` bits of it, the radius included; fewer if there are fewer, ordered by
    /// distance and then by id.
    ///
    /// For whether something is near, ask for one: such a search ends as soon as nothing that is left can be within the radius, where
    /// `nearest(to:count:among:plan:)` looks as far as the nearest is.
    /// - Parameters:
    ///   - code: The query.
    ///   - count: How many items are wanted, at least 1.
    ///   - radius: The largest distance that counts, at least 0, in bits.
    ///   - filter: Which items may be found.
    ///   - plan: How to go about it.
    /// - Complexity: As `nearest(to:count:among:plan:)`, and no more than `within(radius:of:among:plan:)` takes.
    /// - Throws: `HashDBError.invalidCount` unless `count` is at least 1; `invalidRadius` if `radius` is negative; `codeWidthMismatch`, `damaged`,
    ///   `outOfMemory`; `CancellationError` if the task that it runs in is cancelled, which it looks for between blocks of codes.
    public func nearest(
        to code: BinaryCode, count: Int, within radius: Int, among filter: ItemFilter = .all,
        plan: QueryPlan = .automatic
    ) throws -> [Match] {
        var none: QueryExplanation?
        return try found(count, within: radius, of: code, among: filter, plan: plan, explaining: &none)
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
        var none: QueryExplanation?
        return try found(nil, within: radius, of: code, among: filter, plan: plan, explaining: &none)
    }

    /// `nearest(to:count:among:plan:)`, adding what was planned and done to an explanation, part by part; <doc:Performance> has an example.
    ///
    /// - Complexity: That of the search, and twice the time of day for each part.
    /// - Throws: As `nearest(to:count:among:plan:)`; the parts that were searched before are told then.
    public func nearest(
        to code: BinaryCode, count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic,
        explaining explanation: inout QueryExplanation
    ) throws -> [Match] {
        var told: QueryExplanation? = explanation
        defer { if let told { explanation = told } }
        return try found(count, of: code, among: filter, plan: plan, explaining: &told)
    }

    /// `within(radius:of:among:plan:)`, adding what was planned and done to an explanation, part by part.
    ///
    /// - Complexity: That of the search, and twice the time of day for each part.
    /// - Throws: As `within(radius:of:among:plan:)`; the parts that were searched before are told then.
    public func within(
        radius: Int, of code: BinaryCode, among filter: ItemFilter = .all, plan: QueryPlan = .automatic,
        explaining explanation: inout QueryExplanation
    ) throws -> [Match] {
        var told: QueryExplanation? = explanation
        defer { if let told { explanation = told } }
        return try found(nil, within: radius, of: code, among: filter, plan: plan, explaining: &told)
    }

    /// The nearest, so many of them if a number is given, within a radius if one is given.
    private func found(
        _ count: Int?, within radius: Int? = nil, of code: BinaryCode, among filter: ItemFilter, plan: QueryPlan,
        explaining explanation: inout QueryExplanation?
    ) throws -> [Match] {
        if let count, count < 1 { throw HashDBError.invalidCount(count) }
        if let radius, radius < 0 { throw HashDBError.invalidRadius(radius) }
        try state.header.shape.check(code)
        guard self.count > 0 else { return [] }
        // A collector has room for as many as are wanted. To it, 0 are all.
        let wanted = count.map { min($0, self.count) } ?? 0
        return try code.withQuery(state.header.shape) { query in
            let request = SearchRequest(query: query, count: wanted, filter: filter, plan: plan)
            return try state.matches(
                request, limit: min(radius ?? bitWidth, bitWidth), transaction, explaining: &explanation)
        }
    }
}
