import LMDB

/// The pairs of a segment and another part of the store that is cut otherwise or not at all: a search in the segment for each item of
/// the other part.
struct SearchJoin {
    private let view: StoreState.SegmentView
    private let other: StorePart
    private let limit: Int

    init(_ view: StoreState.SegmentView, _ other: StorePart, _ limit: Int) {
        self.view = view
        self.other = other
        self.limit = limit
    }

    /// Whether a search takes less time than comparing a code with all of the segment's in a run of many.
    ///
    /// Unlike the planner's (`Planner.cost(reaching:)`), the cost of a search counts nothing here for buckets that are not empty
    /// (`SearchCosts.filled`): by the planner's, some joins would be done the other way.
    var isCheaperThanComparing: Bool {
        let costs = view.segment.costs
        let search = costs.probes(from: 0, reaching: limit) * (costs.probe + costs.candidate * costs.bucketLoad)
        return search < Double(view.descriptor.rows) * BlockJoin.cost(ofComparing: view.segment.shape.stride)
    }

    /// Returns false if `body` did.
    func run(
        _ shape: CodeShape, _ transaction: borrowing ReadTransaction, _ body: (MatchedPair) throws -> Bool
    ) throws -> Bool {
        var cancellation = CancellationCheck()
        for index in 0..<other.runs {
            let run = try other.run(index, transaction)
            for i in 0..<run.count {
                if i.isMultiple(of: 64) { try Task.checkCancellation() }
                guard let id = try other.liveID(ofRow: run.firstRow + i, transaction) else { continue }
                let code = try shape.code(at: UnsafeRawPointer(run.codes + i * shape.stride))
                let found = try code.withQuery(shape) { query in
                    let request = SearchRequest(query: query, count: 0, filter: .all, plan: .probe)
                    var search = try SegmentSearch(view, request, transaction)
                    return try search.rows(limit: limit, transaction)
                }
                for key in found {
                    try cancellation.step()
                    let match = try view.segment.id(ofRow: key.row, transaction)
                    guard try body(MatchedPair(id, match, distance: key.distance)) else { return false }
                }
            }
        }
        return true
    }
}
