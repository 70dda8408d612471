extension Snapshot {
    /// For each code the `count` items nearest to it, as `nearest(to:count:among:plan:)` answers one.
    ///
    /// On one thread; the `async` call of this name of `Store` uses all processor cores. Queries for which a scan is the best plan share it, so
    /// that many of them together take a fraction of the time; with a filter each goes by itself.
    /// - Complexity: That of the single queries at most.
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func nearest(
        to codes: [BinaryCode], count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [[Match]] {
        try answers(to: codes, try batchSearch(.nearest(count), of: codes, among: filter, plan: plan))
    }

    /// For each code all items within `radius` bits of it, as `within(radius:of:among:plan:)` answers one.
    ///
    /// On one thread, as `nearest` for many codes.
    /// - Complexity: That of the single queries at most.
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func within(
        radius: Int, of codes: [BinaryCode], among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [[Match]] {
        try answers(to: codes, try batchSearch(.within(radius), of: codes, among: filter, plan: plan))
    }

    /// A search, once what is asked has been found to make sense.
    package func batchSearch(
        _ question: BatchQuestion, of codes: [BinaryCode], among filter: ItemFilter, plan: QueryPlan
    ) throws -> BatchSearch {
        for code in codes { try state.header.shape.check(code) }
        switch question {
        case .nearest(let count):
            guard count >= 1 else { throw HashDBError.invalidCount(count) }
            // Of an empty store nothing is found, whatever is wanted.
            return BatchSearch(count: max(1, min(count, self.count)), limit: bitWidth, filter: filter, plan: plan)
        case .within(let radius):
            guard radius >= 0 else { throw HashDBError.invalidRadius(radius) }
            return BatchSearch(count: 0, limit: min(radius, bitWidth), filter: filter, plan: plan)
        case .nearestWithin(let count, let radius):
            guard count >= 1 else { throw HashDBError.invalidCount(count) }
            guard radius >= 0 else { throw HashDBError.invalidRadius(radius) }
            return BatchSearch(
                count: max(1, min(count, self.count)), limit: min(radius, bitWidth), filter: filter, plan: plan)
        }
    }

    /// For each code the `count` items nearest to it of those within `radius` bits.
    package func nearest(to codes: [BinaryCode], count: Int, within radius: Int) throws -> [[Match]] {
        try answers(
            to: codes, try batchSearch(.nearestWithin(count, radius), of: codes, among: .all, plan: .automatic))
    }

    private func answers(to codes: [BinaryCode], _ search: BatchSearch) throws -> [[Match]] {
        var answers: [[Match]] = []
        answers.reserveCapacity(codes.count)
        for start in stride(from: 0, to: codes.count, by: BatchSearch.chunk) {
            answers += try search.answers(to: codes[start..<min(codes.count, start + BatchSearch.chunk)], in: self)
        }
        return answers
    }
}

extension BatchSearch {
    /// The answers to up to `chunk` queries.
    package func answers(to codes: ArraySlice<BinaryCode>, in snapshot: borrowing Snapshot) throws -> [[Match]] {
        try answers(to: codes, snapshot.state, snapshot.transaction)
    }
}

/// What is asked about every code of a batch.
package enum BatchQuestion: Hashable, Sendable {
    case nearest(Int)
    case within(Int)
    /// A count, and a radius.
    case nearestWithin(Int, Int)
}
