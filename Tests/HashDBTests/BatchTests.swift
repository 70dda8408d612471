import Foundation
import HashDB
import Synchronization
import TestSupport
import Testing

/// A batch must be answered as its queries are one by one, whatever share of them ends in the common scan.
struct BatchTests {
    @Test(arguments: [16, 64, 256], Distribution.allCases)
    func batchesAreAnsweredLikeSingleQueries(bitWidth: Int, distribution: Distribution) async throws {
        var generator = SplitMix64(seed: UInt64(bitWidth) + UInt64(distribution.rawValue.count))
        try await withTemporaryStore(bitWidth) { store in
            let loaded = try distribution.codes(9000, bitWidth: bitWidth, &generator)
            try await store.bulkLoad { loader in
                for (i, code) in loaded.enumerated() { try loader.append(id: UInt64(i), code: code) }
            }
            let near = loaded.prefix(60).map { code in
                var code = code
                code[bit: 5].toggle()
                return code
            }
            let queries = try near + Distribution.uniform.codes(70, bitWidth: bitWidth, &generator)
            try await check(store, queries)
            // Deleted neighbours, new ones in the delta, and a second segment.
            try await store.write { transaction in
                for id in stride(from: UInt64(0), to: 4000, by: 2) { try transaction.delete(id) }
                for (i, code) in near.enumerated() where i % 3 == 0 { _ = try transaction.insert(code: code) }
            }
            try await check(store, queries)
            try await store.bulkLoad { loader in
                for (i, code) in loaded.prefix(4200).enumerated() {
                    try loader.append(id: UInt64(50_000 + i), code: code)
                }
            }
            try await check(store, queries)
        }
    }

    private func check(_ store: Store, _ queries: [BinaryCode]) async throws {
        for plan in QueryPlan.allCases {
            for count in [1, 10, 300] where plan == .automatic || count == 10 {
                let single = try await store.read { snapshot in
                    try queries.map { try snapshot.nearest(to: $0, count: count) }
                }
                for tasks in [1, 3] {
                    let batch = try await store.answers(.nearest(count), to: queries, plan: plan, tasks: tasks)
                    #expect(batch == single, "\(plan), \(count) nearest, \(tasks) tasks")
                }
            }
            for radius in [0, 3, 9] {
                let single = try await store.read { snapshot in
                    try queries.map { try snapshot.within(radius: radius, of: $0) }
                }
                let batch = try await store.within(radius: radius, of: queries, plan: plan)
                #expect(batch == single, "\(plan), radius \(radius)")
                #expect(try await store.read { try $0.within(radius: radius, of: queries, plan: plan) } == single)
            }
        }
    }

    @Test func filteredBatchesAreAnsweredLikeSingleQueries() async throws {
        var generator = SplitMix64(seed: 21)
        try await withTemporaryStore(64) { store in
            let codes = try Distribution.clustered.codes(6000, bitWidth: 64, &generator)
            try await store.bulkLoad { try $0.append(packedCodes: codes[..<5900].flatMap(\.bytes)) }
            try await store.write { transaction in
                for code in codes[5900...] { _ = try transaction.insert(code: code) }
            }
            let queries = try Array(codes.prefix(20)) + Distribution.uniform.codes(20, bitWidth: 64, &generator)
            let filters: [ItemFilter] = [
                .ids(in: 3000...5950), .ids([7, 8, 5999]), .excluding(0..<100), .matching { $0 % 3 == 0 },
            ]
            for filter in filters {
                let (nearest, within) = try answers(to: queries, among: filter, in: store)
                #expect(try await store.nearest(to: queries, count: 5, among: filter) == nearest)
                #expect(try await store.within(radius: 9, of: queries, among: filter) == within)
                for tasks in [1, 3] {
                    let batch = try await store.answers(
                        .nearest(5), to: queries, among: filter, plan: .scan, tasks: tasks)
                    #expect(batch == nearest)
                }
                #expect(nearest.joined().allSatisfy { filter.contains($0.id) } && !nearest.joined().isEmpty)
            }
        }
    }

    /// The answers one by one, which those of the calls that are not `async` must be.
    private func answers(
        to queries: [BinaryCode], among filter: ItemFilter, in store: Store
    ) throws -> (nearest: [[Match]], within: [[Match]]) {
        let nearest = try queries.map { try store.nearest(to: $0, count: 5, among: filter) }
        #expect(try store.nearest(to: queries, count: 5, among: filter) == nearest)
        let within = try queries.map { try store.within(radius: 9, of: $0, among: filter) }
        #expect(try store.within(radius: 9, of: queries, among: filter) == within)
        return (nearest, within)
    }

    @Test func batchesOfNothingAndMoreThanThereIsAreFine() async throws {
        try await withTemporaryStore(64) { store in
            let code = try BinaryCode(zeros: 64)
            #expect(try await store.nearest(to: [], count: 3).isEmpty)
            #expect(try await store.nearest(to: [code, code], count: 3) == [[], []])
            #expect(try await store.within(radius: 64, of: [code]) == [[]])
            try await store.write { try $0.insert(7, code: code) }
            let many = [BinaryCode](repeating: code, count: 1000)
            let expected = [[Match]](repeating: [Match(id: 7, distance: 0)], count: 1000)
            #expect(try await store.nearest(to: many, count: 3) == expected)
        }
    }

    @Test func mistakesAreThrown() async throws {
        try await withTemporaryStore(64) { store in
            let code = try BinaryCode(zeros: 64)
            let wide = try BinaryCode(zeros: 72)
            await #expect(throws: HashDBError.invalidCount(0)) { _ = try await store.nearest(to: [code], count: 0) }
            await #expect(throws: HashDBError.invalidRadius(-1)) { _ = try await store.within(radius: -1, of: [code]) }
            await #expect(throws: HashDBError.codeWidthMismatch(expected: 64, found: 72)) {
                _ = try await store.nearest(to: [code, wide], count: 1)
            }
        }
    }

    @Test func aCancelledBatchEnds() async throws {
        var generator = SplitMix64(seed: 8)
        let queries = try Distribution.uniform.codes(20_000, bitWidth: 64, &generator)
        // A second of work for two threads.
        let many = [[BinaryCode]](repeating: queries, count: 15).flatMap { $0 }
        try await withTemporaryStore(64) { store in
            try await store.bulkLoad { loader in
                for (i, code) in queries.enumerated() { try loader.append(id: UInt64(i), code: code) }
            }
            let task = Task { try await store.answers(.nearest(10), to: many, plan: .scan, tasks: 2) }
            // From a thread of its own: tasks may have to wait. A task that has not begun by then ends as well.
            Thread.detachNewThread {
                usleep(100_000)
                task.cancel()
            }
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    /// Every item is replaced in each commit: a batch that mixed commits would show two.
    @Test func aBatchSeesOneCommit() async throws {
        try await withTemporaryStore(64) { store in
            let codes = try (0..<40).map { try BinaryCode(bytes: [UInt8](repeating: UInt8($0), count: 8)) }
            try await store.write { transaction in
                for id in 0..<50 { try transaction.upsert(UInt64(id), code: codes[0]) }
            }
            let writer = Task.detached {
                for round in 1..<20 {
                    try await store.write { transaction in
                        for id in 0..<50 { try transaction.upsert(UInt64(id), code: codes[round]) }
                    }
                    await Task.yield()
                }
            }
            for _ in 0..<30 {
                let queries = [BinaryCode](repeating: codes[0], count: 64)
                let answers = try await store.answers(.nearest(1), to: queries, plan: .automatic, tasks: 4)
                #expect(Set(answers).count == 1)
            }
            try await writer.value
        }
    }
}

extension BatchTests {
    /// One task more than there are threads begins after another has ended, and so sees the commit that comes during the first query.
    @Test func aCommitBetweenTwoTasksCostsNoAnswers() async throws {
        let tasks = coreCount + 1
        let queries = [BinaryCode](
            repeating: try BinaryCode(zeros: 64), count: tasks * BatchSearch.leastChunk(among: .all))
        try await withTemporaryStore(64) { store in
            try await store.write { try $0.insert(7, code: queries[0]) }
            let asked = Mutex(0)
            let filter = ItemFilter.matching { _ in
                asked.withLock { asked in
                    asked += 1
                    if asked == 1 { try? store.write { try $0.insert(8, code: queries[0]) } }
                }
                return true
            }
            let answers = try await store.answers(
                .nearest(2), to: queries, among: filter, plan: .automatic, tasks: tasks)
            #expect(Set(answers) == [[Match(id: 7, distance: 0)]] && answers.count == queries.count)
            #expect(asked.withLock { $0 } == queries.count)
            #expect(try await store.read { $0.count } == 2)
        }
    }
}
