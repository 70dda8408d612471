extension Snapshot {
    /// Calls `body` on all items within `radius` bits of a code, the radius included, piece by piece, until it returns false.
    ///
    /// For answers that would not fit into memory or are to be passed on while they are found: memory is taken for one piece, which
    /// holds at most as many matches as a block of the store has items, or as the store has new items that are not in blocks yet, up to
    /// some 16,000. Each piece is ordered by distance and then by id; the pieces are in no order. The code is compared with every code of the
    /// store once: where few items are within the radius, `within(radius:of:among:plan:)` is faster.
    ///
    /// - Parameters:
    ///   - radius: The largest distance that counts, at least 0, in bits.
    ///   - code: The query.
    ///   - filter: Which items may be found.
    ///   - body: What to do with a piece, which is never empty. Returns whether to go on.
    /// - Complexity: O(n), and O(r log r) to order a piece of r matches.
    /// - Throws: `HashDBError.invalidRadius` if `radius` is negative; `codeWidthMismatch`, `damaged`, `outOfMemory`; `CancellationError` if
    ///   the task is cancelled; what `body` throws.
    public func forEachMatch(
        within radius: Int, of code: BinaryCode, among filter: ItemFilter = .all, _ body: ([Match]) throws -> Bool
    ) throws {
        guard radius >= 0 else { throw HashDBError.invalidRadius(radius) }
        try state.header.shape.check(code)
        let limit = min(radius, bitWidth)
        try code.withQuery(state.header.shape) { query in
            let request = SearchRequest(query: query, count: 0, filter: filter, plan: .scan)
            if state.delta.count > 0 {
                let found = try state.delta.search(request, limit: limit, bitWidth: bitWidth)
                guard try found.isEmpty || body(found) else { return }
            }
            for view in state.segments {
                var search = try SegmentSearch(view, request, transaction)
                let goesOn = try search.forEachPiece(limit: limit, transaction) { rows in
                    try body(
                        rows.map {
                            Match(id: try view.segment.id(ofRow: $0.row, transaction), distance: $0.distance)
                        })
                }
                guard goesOn else { return }
            }
        }
    }
}
