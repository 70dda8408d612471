import HashDB

/// A question about many codes of a caller's, answered by several threads as of one commit.
struct Batch: @unchecked Sendable {
    let question: BatchQuestion
    /// Which items may be found; nil for all.
    let filter: ItemFilter?
    let queries: PackedCodes

    /// Calls `take` with the answers to stretches of the queries, on several threads at once. It may come to the same query twice.
    func run(
        on handle: Handle, threads: Int, _ take: @escaping @Sendable (Range<Int>, [[Match]]) -> Void
    ) throws {
        if queries.count == 1 { return try handle.read { take(0..<1, [try answer(queries[0], in: $0)]) } }
        let leastChunk = filter == nil ? BatchSearch.leastChunk : 1
        let useful = max(1, min(threads, (queries.count + leastChunk - 1) / leastChunk))
        switch handle {
        case .store(let store): try run(on: store, threads: useful, take)
        case .snapshot(let snapshot): try run(on: snapshot, threads: min(useful, snapshot.width), take)
        }
    }

    private func run(
        on store: Store, threads: Int, _ take: @escaping @Sendable (Range<Int>, [[Match]]) -> Void
    ) throws {
        // A commit may come between the beginnings of two threads. That is seldom, and one thread alone cannot be disturbed.
        for threads in [threads, threads, threads, 1] {
            let work = SharedWork(count: queries.count, tasks: threads)
            do {
                return try onThreads(threads) { _ in
                    try store.read { snapshot in
                        guard work.agrees(onCommit: Int(truncatingIfNeeded: snapshot.commitNumber)) else {
                            throw CommitBetween()
                        }
                        try answer(work, in: snapshot, take)
                    }
                }
            } catch is CommitBetween {}
        }
    }

    private func run(
        on snapshot: SharedSnapshot, threads: Int, _ take: @escaping @Sendable (Range<Int>, [[Match]]) -> Void
    ) throws {
        let work = SharedWork(count: queries.count, tasks: threads)
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
        let search = filter == nil ? try snapshot.batchSearch(question, of: [], .automatic) : nil
        while let rows = work.next() {
            if let search {
                take(rows, try search.answers(to: queries[rows][...], in: snapshot))
            } else {
                // Those that share a scan would have to let the same items through.
                for row in rows { take(row..<row + 1, [try answer(queries[row], in: snapshot)]) }
            }
        }
    }

    private func answer(_ code: BinaryCode, in snapshot: borrowing Snapshot) throws -> [Match] {
        switch question {
        case .nearest(let count): try snapshot.nearest(to: code, count: count, among: filter ?? .all)
        case .within(let radius): try snapshot.within(radius: radius, of: code, among: filter ?? .all)
        }
    }
}
