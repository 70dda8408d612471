import LMDB

extension StoreState {
    /// What a query finds within `limit` in all parts of the store, ordered by distance and then by id.
    ///
    /// The delta comes first, then the segments from the largest on, each within the distance that those before it have left.
    func matches(
        _ request: SearchRequest, limit: Int, _ transaction: borrowing ReadTransaction,
        explaining explanation: inout QueryExplanation?
    ) throws -> [Match] {
        var best: [Match] = []
        for part in 0...segments.count {
            let limit = request.limit(within: limit, having: best)
            best = merged(best, try search(part, request, limit: limit, transaction, &explanation))
            request.leaveWanted(&best)
        }
        return best
    }

    /// Searches one part of the store.
    private func search(
        _ part: Int, _ request: SearchRequest, limit: Int, _ transaction: borrowing ReadTransaction,
        _ explanation: inout QueryExplanation?
    ) throws -> [Match] {
        let start = explanation.map { _ in ContinuousClock.now }
        if part == 0 {
            guard delta.count > 0 else { return [] }
            let found = try delta.search(request, limit: limit, bitWidth: header.bitWidth)
            if let start { explanation?.parts.append(.init(delta: delta.count, start.duration(to: .now))) }
            return found
        }
        let view = segments[part - 1]
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
