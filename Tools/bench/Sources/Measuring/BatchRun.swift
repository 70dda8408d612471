import HashDB

/// What queries took in one batch and one at a time, for one query.
struct BatchFigures: Codable {
    /// Microseconds by the clock, and of all processors, which others on the machine disturb less.
    struct Cost: Codable {
        var clock = Double.infinity
        var processor = Double.infinity
    }

    let set: String
    let kind: String
    let plan: String
    let queries: Int
    /// One query at a time, on one core.
    let alone: Cost
    /// Element t: a batch in t + 1 tasks.
    let inTasks: [Cost]

    /// How many times as fast a batch on all cores is.
    var speedup: Double { alone.clock / (inTasks.last?.clock ?? .infinity) }
}

/// Times a batch of queries against the same queries one at a time, whose answers it must give.
struct BatchRun {
    let set: String
    let kind: String
    let codes: [BinaryCode]
    let count: Int
    let cores: Int
    /// The repetitions of which the best counts.
    let repeats: Int

    func run(_ plan: QueryPlan, _ store: Store) async throws -> BatchFigures {
        var single: [[Match]] = []
        var alone = BatchFigures.Cost()
        var inTasks = [BatchFigures.Cost](repeating: .init(), count: cores)
        // All in turns, so that a drift of the machine's speed hits them alike.
        for _ in 0..<repeats {
            try await measure(&alone) {
                single = try oneByOne(plan, store)
            }
            for tasks in 1...cores {
                var batch: [[Match]] = []
                try await measure(&inTasks[tasks - 1]) {
                    batch = try await store.answers(.nearest(count), to: codes, plan: plan, tasks: tasks)
                }
                guard batch == single else { throw BenchError("\(set): a batch's answers are wrong") }
            }
        }
        return BatchFigures(
            set: set, kind: kind, plan: plan.rawValue, queries: codes.count, alone: alone, inTasks: inTasks)
    }

    /// On this thread.
    private func oneByOne(_ plan: QueryPlan, _ store: Store) throws -> [[Match]] {
        try store.read { snapshot in try codes.map { try snapshot.nearest(to: $0, count: count, plan: plan) } }
    }

    private func measure(_ best: inout BatchFigures.Cost, _ body: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        let processor = ProcessMemory.processorSeconds
        try await body()
        let queries = Double(max(1, codes.count))
        best.clock = min(best.clock, (ContinuousClock.now - start) / .microseconds(1) / queries)
        best.processor = min(best.processor, (ProcessMemory.processorSeconds - processor) * 1e6 / queries)
    }
}
