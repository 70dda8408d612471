import HashDB

/// A question about many codes of a caller's, answered by several threads as of one commit.
struct Batch: @unchecked Sendable {
    let question: BatchQuestion
    /// Which items may be found; nil for all.
    let filter: ItemFilter?
    let queries: PackedCodes

    private var leastChunk: Int { BatchSearch.leastChunk(among: filter ?? .all) }

    /// Calls `take` with the answers to stretches of the queries, on several threads at once.
    func run(
        on handle: Handle, threads: Int, _ take: @escaping @Sendable (Range<Int>, [[Match]]) -> Void
    ) throws {
        if queries.count == 1 { return try handle.read { take(0..<1, [try answer(queries[0], in: $0)]) } }
        let useful = max(1, min(threads, (queries.count + leastChunk - 1) / leastChunk))
        switch handle {
        case .store(let store): try run(on: store, threads: useful, take)
        case .snapshot(let snapshot): try run(on: snapshot, threads: min(useful, snapshot.width), take)
        }
    }

    private func run(
        on store: Store, threads: Int, _ take: @escaping @Sendable (Range<Int>, [[Match]]) -> Void
    ) throws {
        let work = SharedWork(count: queries.count, tasks: threads, leastChunk: leastChunk)
        try onThreads(threads) { _ in
            try store.read { snapshot in
                // Where a commit came between, it leaves all to those that see the first one's commit.
                guard work.agrees(on: snapshot.commitIdentity) else { return }
                try answer(work, in: snapshot, take)
            }
        }
    }

    private func run(
        on snapshot: SharedSnapshot, threads: Int, _ take: @escaping @Sendable (Range<Int>, [[Match]]) -> Void
    ) throws {
        let work = SharedWork(count: queries.count, tasks: threads, leastChunk: leastChunk)
        try onThreads(threads) { number in
            // One thread waits if it must; others that find all transactions in use leave it the work.
            if number == 0 {
                try snapshot.read { try answer(work, in: $0, take) }
            } else {
                _ = try snapshot.readIfFree { try answer(work, in: $0, take) }
            }
        }
    }

    private func answer(
        _ work: SharedWork, in snapshot: borrowing Snapshot, _ take: (Range<Int>, [[Match]]) -> Void
    ) throws {
        let search = try snapshot.batchSearch(question, of: [], among: filter ?? .all, plan: .automatic)
        while let rows = work.next() { take(rows, try search.answers(to: queries[rows][...], in: snapshot)) }
    }

    private func answer(_ code: BinaryCode, in snapshot: borrowing Snapshot) throws -> [Match] {
        switch question {
        case .nearest(let count): try snapshot.nearest(to: code, count: count, among: filter ?? .all)
        case .within(let radius): try snapshot.within(radius: radius, of: code, among: filter ?? .all)
        case .nearestWithin(let count, let radius):
            try snapshot.nearest(to: code, count: count, within: radius, among: filter ?? .all)
        }
    }
}
