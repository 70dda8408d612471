extension Store {
    /// For each code the `count` items nearest to it, all as of one commit, on the calling thread; see `Snapshot.nearest(to:count:plan:)`.
    ///
    /// The `async` call of this name uses all processor cores.
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func nearest(to codes: [BinaryCode], count: Int, plan: QueryPlan = .automatic) throws -> [[Match]] {
        try answersInOneTask(.nearest(count), to: codes, plan: plan)
    }

    /// For each code all items within `radius` bits of it, all as of one commit, on the calling thread; see `Snapshot.within(radius:of:plan:)`.
    ///
    /// The `async` call of this name uses all processor cores.
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func within(radius: Int, of codes: [BinaryCode], plan: QueryPlan = .automatic) throws -> [[Match]] {
        try answersInOneTask(.within(radius), to: codes, plan: plan)
    }

    /// For each code the `count` items nearest to it, all as of one commit, by as many threads of the library's own as there are processor
    /// cores.
    ///
    /// The answers are those of `Snapshot.nearest(to:count:among:plan:)`. Queries for which a scan is the best plan share it, so that many of
    /// them together take a fraction of the time.
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func nearest(to codes: [BinaryCode], count: Int, plan: QueryPlan = .automatic) async throws -> [[Match]] {
        try await answers(.nearest(count), to: codes, plan: plan)
    }

    /// For each code all items within `radius` bits of it, all as of one commit, by as many threads of the library's own as there are
    /// processor cores.
    ///
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func within(radius: Int, of codes: [BinaryCode], plan: QueryPlan = .automatic) async throws -> [[Match]] {
        try await answers(.within(radius), to: codes, plan: plan)
    }

    /// Answers by a number of tasks (nil: one for each core).
    package func answers(
        _ question: BatchQuestion, to codes: [BinaryCode], plan: QueryPlan, tasks: Int? = nil
    ) async throws -> [[Match]] {
        let useful = (codes.count + BatchSearch.leastChunk - 1) / BatchSearch.leastChunk
        let tasks = min(tasks ?? coreCount, useful)
        // A commit may come between the beginnings of two tasks. That is seldom, and one task alone cannot be disturbed.
        for _ in 0..<3 where tasks > 1 {
            do { return try await answers(question, to: codes, plan: plan, inTasks: tasks) } catch is CommitBetween {}
        }
        return try await WorkThreads.reading.run { try self.answersInOneTask(question, to: codes, plan: plan) }
    }

    private func answersInOneTask(
        _ question: BatchQuestion, to codes: [BinaryCode], plan: QueryPlan
    ) throws -> [[Match]] {
        try reading { snapshot in
            switch question {
            case .nearest(let count): try snapshot.nearest(to: codes, count: count, plan: plan)
            case .within(let radius): try snapshot.within(radius: radius, of: codes, plan: plan)
            }
        }
    }

    private func answers(
        _ question: BatchQuestion, to codes: [BinaryCode], plan: QueryPlan, inTasks tasks: Int
    ) async throws -> [[Match]] {
        let work = SharedWork(count: codes.count, tasks: tasks)
        return try await withThrowingTaskGroup(of: [(start: Int, answers: [[Match]])].self) { group in
            for _ in 0..<tasks {
                group.addTask(executorPreference: WorkThreads.reading) {
                    try self.reading { snapshot in
                        guard work.agrees(onCommit: snapshot.transaction.number) else { throw CommitBetween() }
                        let search = try snapshot.batchSearch(question, of: codes, plan)
                        var done: [(start: Int, answers: [[Match]])] = []
                        while let chunk = work.next() {
                            done.append((chunk.lowerBound, try search.answers(to: codes[chunk], in: snapshot)))
                        }
                        return done
                    }
                }
            }
            var parts: [(start: Int, answers: [[Match]])] = []
            for try await done in group { parts += done }
            parts.sort { $0.start < $1.start }
            return parts.flatMap(\.answers)
        }
    }
}
