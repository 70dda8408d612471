import CHamming
import LMDB

/// Searches of one snapshot for many codes, on one thread.
///
/// Each query is searched for in the buckets by itself. Those that give up probing wait for one another, and then share a scan: a block of
/// codes is read once and compared with all of them while it is in the cache. With a filter, which has rows of its own looked at, each query
/// goes by itself to the end.
package struct BatchSearch {
    /// So many queries are searched for together: enough to share a scan, few enough for what they have found to stay in the cache.
    package static let chunk = 256
    /// A scan that fewer share is not much cheaper than their own.
    private static let leastSharing = 16

    /// Fewer queries than this are not worth a task: those that share a scan. With a filter each is searched for by itself.
    package static func leastChunk(among filter: ItemFilter) -> Int {
        if case .all = filter.kind { 8 } else { 1 }
    }

    /// How many of the nearest are wanted; 0: all within the limit.
    let count: Int
    let limit: Int
    let filter: ItemFilter
    let plan: QueryPlan

    /// The answers to up to `chunk` queries.
    func answers(
        to codes: ArraySlice<BinaryCode>, _ state: StoreState, _ transaction: borrowing ReadTransaction
    ) throws -> [[Match]] {
        guard case .all = filter.kind else { return try codes.map { try answer(to: $0, state, transaction) } }
        return try withQueries(codes, state.header.shape) { queries in
            let requests = queries.indices.map { index in
                SearchRequest(
                    query: UnsafePointer(queries.baseAddress.unsafelyUnwrapped + index), count: count, filter: .all,
                    plan: plan, sharesScan: queries.count >= Self.leastSharing)
            }
            var answers = [[Match]](repeating: [], count: requests.count)
            if state.delta.count > 0 {
                for (index, request) in requests.enumerated() {
                    try Task.checkCancellation()
                    answers[index] = try state.delta.search(request, limit: limit, bitWidth: state.header.bitWidth)
                    request.leaveWanted(&answers[index])
                }
            }
            for view in state.segments { try search(view, requests, &answers, transaction) }
            return answers
        }
    }

    /// The answer to a query that goes by itself.
    private func answer(
        to code: BinaryCode, _ state: StoreState, _ transaction: borrowing ReadTransaction
    ) throws -> [Match] {
        guard state.header.itemCount > 0 else { return [] }
        return try code.withQuery(state.header.shape) { query in
            let request = SearchRequest(query: query, count: count, filter: filter, plan: plan)
            var explanation: QueryExplanation?
            return try state.matches(request, limit: limit, transaction, explaining: &explanation)
        }
    }

    private func search(
        _ view: StoreState.SegmentView, _ requests: [SearchRequest], _ answers: inout [[Match]],
        _ transaction: borrowing ReadTransaction
    ) throws {
        func take(_ rows: [RowKey], _ index: Int, _ transaction: borrowing ReadTransaction) throws {
            let found = try rows.map {
                Match(id: try view.segment.id(ofRow: $0.row, transaction), distance: $0.distance)
            }
            answers[index] = merged(answers[index], found)
            requests[index].leaveWanted(&answers[index])
        }
        var waiting: [WaitingSearch] = []
        for (index, request) in requests.enumerated() {
            try Task.checkCancellation()
            let limit = request.limit(within: limit, having: answers[index])
            var search = try SegmentSearch(view, request, transaction)
            var wanted = search.firstWanted
            var collector = try Collector(count: wanted, limit: limit, bitWidth: view.segment.shape.bitWidth)
            let isDone = try search.probe(into: &collector, transaction)
            if isDone, let rows = try search.settle(&collector, &wanted, transaction) {
                try take(rows, index, transaction)
                continue
            }
            let waits = WaitingSearch(index, search, collector, wanted: wanted, limit: limit)
            if isDone, let rows = try waits.retry(view, transaction) {
                try take(rows, index, transaction)
            } else {
                waiting.append(waits)
            }
        }
        while !waiting.isEmpty {
            let step = sharedRows(of: view.descriptor, view.segment.shape)
            for start in stride(from: 0, to: view.descriptor.rows, by: step) {
                try Task.checkCancellation()
                for search in waiting { try search.scan(start..<start + step, transaction) }
            }
            waiting = try waiting.filter { search in
                guard let rows = try search.settle(view, transaction) else { return true }
                try take(rows, search.index, transaction)
                return false
            }
        }
    }

    /// The rows that all queries look at in turns: a part of a row block that stays in the first cache meanwhile.
    private func sharedRows(of descriptor: SegmentDescriptor, _ shape: CodeShape) -> Int {
        var rows = 1 << descriptor.rowBlockBits
        while rows > 64, rows * shape.stride > 1 << 15 { rows /= 2 }
        return rows
    }

    /// Runs `body` on the codes in the form that the kernels take.
    private func withQueries<R>(
        _ codes: ArraySlice<BinaryCode>, _ shape: CodeShape,
        _ body: (UnsafeMutableBufferPointer<hamming_query>) throws -> R
    ) rethrows -> R {
        try withUnsafeTemporaryAllocation(of: hamming_query.self, capacity: codes.count) { queries in
            for (index, code) in codes.enumerated() {
                code.withQuery(shape) { queries.initializeElement(at: index, to: $0.pointee) }
            }
            return try body(queries)
        }
    }
}

/// A search that waits for a scan.
private final class WaitingSearch {
    let index: Int
    private var search: SegmentSearch
    private var collector: Collector
    private var wanted: Int
    private let limit: Int

    init(
        _ index: Int, _ search: consuming SegmentSearch, _ collector: consuming Collector, wanted: Int, limit: Int
    ) {
        self.index = index
        self.search = search
        self.collector = collector
        self.wanted = wanted
        self.limit = limit
    }

    func scan(_ rows: Range<Int>, _ transaction: borrowing ReadTransaction) throws {
        try search.scan(rows, into: &collector, transaction)
    }

    /// The rows that were found; nil if it waits for another scan.
    func settle(_ view: StoreState.SegmentView, _ transaction: borrowing ReadTransaction) throws -> [RowKey]? {
        try search.settle(&collector, &wanted, transaction) ?? retry(view, transaction)
    }

    /// Looks for more in the buckets. Returns nil if it waits for a scan.
    func retry(_ view: StoreState.SegmentView, _ transaction: borrowing ReadTransaction) throws -> [RowKey]? {
        while true {
            collector = try Collector(count: wanted, limit: limit, bitWidth: view.segment.shape.bitWidth)
            guard try search.probe(into: &collector, transaction) else { return nil }
            if let rows = try search.settle(&collector, &wanted, transaction) { return rows }
        }
    }
}
