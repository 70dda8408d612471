extension Store {
    /// For each code the `count` items nearest to it, all as of one commit, on the calling thread; as
    /// `Snapshot.nearest(to:count:among:plan:)` has it.
    ///
    /// The `async` call of this name uses all processor cores.
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func nearest(
        to codes: [BinaryCode], count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [[Match]] {
        try read { try $0.nearest(to: codes, count: count, among: filter, plan: plan) }
    }

    /// For each code all items within `radius` bits of it, all as of one commit, on the calling thread; as
    /// `Snapshot.within(radius:of:among:plan:)` has it.
    ///
    /// The `async` call of this name uses all processor cores.
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func within(
        radius: Int, of codes: [BinaryCode], among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [[Match]] {
        try read { try $0.within(radius: radius, of: codes, among: filter, plan: plan) }
    }

    /// For each code the `count` items nearest to it, all as of one commit, by as many threads of the library's own as there are processor
    /// cores.
    ///
    /// The answers are those of `Snapshot.nearest(to:count:among:plan:)`. Queries for which a scan is the best plan share it, so that many of
    /// them together take a fraction of the time.
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func nearest(
        to codes: [BinaryCode], count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) async throws -> [[Match]] {
        try await answers(.nearest(count), to: codes, among: filter, plan: plan)
    }

    /// For each code all items within `radius` bits of it, all as of one commit, by as many threads of the library's own as there are
    /// processor cores.
    ///
    /// - Throws: As for one code; `CancellationError` if the task is cancelled.
    public func within(
        radius: Int, of codes: [BinaryCode], among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) async throws -> [[Match]] {
        try await answers(.within(radius), to: codes, among: filter, plan: plan)
    }

    /// Answers by a number of tasks (nil: one for each core).
    package func answers(
        _ question: BatchQuestion, to codes: [BinaryCode], among filter: ItemFilter = .all, plan: QueryPlan,
        tasks: Int? = nil
    ) async throws -> [[Match]] {
        try Task.checkCancellation()
        let leastChunk = BatchSearch.leastChunk(among: filter)
        let tasks = min(tasks ?? coreCount, max(1, (codes.count + leastChunk - 1) / leastChunk))
        let work = SharedWork(count: codes.count, tasks: tasks, leastChunk: leastChunk)
        return try await withThrowingTaskGroup(of: [(start: Int, answers: [[Match]])].self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    try await self.searching { snapshot in
                        // Where a commit came between, it leaves all to those that see the first one's commit.
                        guard work.agrees(on: snapshot.commitIdentity) else { return [] }
                        let search = try snapshot.batchSearch(question, of: codes, among: filter, plan: plan)
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
