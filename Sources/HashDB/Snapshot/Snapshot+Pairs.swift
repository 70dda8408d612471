import LMDB

extension Snapshot {
    /// Calls `body` on every pair of items whose codes differ in at most `radius` bits, once each and in no particular order, until it
    /// returns false.
    ///
    /// Exact, and without keeping the pairs: the memory that it takes does not depend on how many there are. A segment's buckets are
    /// compared with one another, or its codes all with all where that costs less.
    ///
    /// ```swift
    /// try store.read { snapshot in
    ///     try snapshot.forEachPair(within: 3) { pair in
    ///         print(pair.a, pair.b, pair.distance)
    ///         return true
    ///     }
    /// }
    /// ```
    /// - Complexity: O(n²) at worst: all codes compared with all. A small share of that for radii of a few bits and codes that are spread.
    /// - Throws: `HashDBError.invalidRadius` if `radius` is negative; `damaged`, `outOfMemory`; `CancellationError` if the task is
    ///   cancelled; what `body` throws.
    public func forEachPair(within radius: Int, _ body: (MatchedPair) throws -> Bool) throws {
        guard radius >= 0 else { throw HashDBError.invalidRadius(radius) }
        try forEachPair(within: radius, plan: .automatic, body)
    }

    /// `forEachPair(within:_:)` by buckets wherever there are any, or all with all.
    package func forEachPair(
        within radius: Int, plan: QueryPlan, _ body: (MatchedPair) throws -> Bool
    ) throws {
        let limit = min(radius, bitWidth)
        // From the largest on, the delta last: the other part of a pair is the larger.
        let parts = state.segments.map { StorePart.segment($0) } + [.delta(state.delta)]
        for (index, part) in parts.enumerated() where part.rows > 0 {
            for other in parts[..<index] {
                guard try join(other, part, limit, plan, body) else { return }
            }
            guard try join(part, nil, limit, plan, body) else { return }
        }
    }

    /// The pairs between two parts of the store, or within one. Returns whether to go on.
    private func join(
        _ part: StorePart, _ other: StorePart?, _ limit: Int, _ plan: QueryPlan,
        _ body: (MatchedPair) throws -> Bool
    ) throws -> Bool {
        let shape = state.header.shape
        if plan != .scan, case .segment(let view) = part, view.descriptor.substrings > 0 {
            switch other {
            case .segment(let otherView) where otherView.segment.hasSameCut(as: view.segment):
                if let join = try BucketJoin(view, otherView, limit, plan, transaction) {
                    return try join.run(transaction, body)
                }
            case nil:
                if let join = try BucketJoin(view, nil, limit, plan, transaction) {
                    return try join.run(transaction, body)
                }
            case let other?:
                let join = SearchJoin(view, other, limit)
                if plan == .probe || join.isCheaperThanComparing { return try join.run(shape, transaction, body) }
            }
        }
        return try BlockJoin(part, other, limit).run(shape, transaction, body)
    }
}
