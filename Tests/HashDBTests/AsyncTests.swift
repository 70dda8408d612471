import Dispatch
import Foundation
import HashDB
import TestSupport
import Testing

/// The calls for tasks: they answer as the others do, leave the threads of tasks free, and end when the task is cancelled.
@Suite(.serialized) struct AsyncTests {
    @Test func theyAnswerAsTheOthersDo() async throws {
        try await withStoreOfCodes(9000) { store, codes in
            for (code, filter) in zip(codes, [ItemFilter.all, .ids(in: 10...5000), .ids([3, 4]), .excluding([0])]) {
                let nearest = try onThisThread { try store.nearest(to: code, count: 10, among: filter) }
                #expect(try await store.nearest(to: code, count: 10, among: filter) == nearest)
                let within = try onThisThread { try store.within(radius: 20, of: code, among: filter) }
                #expect(try await store.within(radius: 20, of: code, among: filter) == within)
            }
            let batch = Array(codes.prefix(100))
            let nearest = try onThisThread { try store.nearest(to: batch, count: 3) }
            #expect(try await store.nearest(to: batch, count: 3) == nearest)
            #expect(try batch.map { try store.nearest(to: $0, count: 3) } == nearest)
            let within = try onThisThread { try store.within(radius: 9, of: batch) }
            #expect(try await store.within(radius: 9, of: batch) == within)
            let inserted = try await store.write { try $0.insert(code: codes[0]) }
            #expect(inserted == 9000)
            try await store.bulkLoad { try $0.append(id: 9001, code: codes[1]) }
            try await store.fold()
            #expect(try await store.read { ($0.count, try $0.statistics().segments.count) } == (9002, 1))
            await #expect(throws: HashDBError.invalidCount(0)) { _ = try await store.nearest(to: codes[0], count: 0) }
            await #expect(throws: HashDBError.duplicateID(1)) {
                try await store.write { try $0.insert(1, code: codes[0]) }
            }
        }
    }

    /// More reads and writes wait for something than there are threads for tasks; what they wait for is done by a task.
    @Test func theThreadsOfTasksStayFree() async throws {
        try await withStoreOfCodes(10) { store, codes in
            let count = ProcessInfo.processInfo.activeProcessorCount + 4
            let gate = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<count {
                    group.addTask {
                        if index == 0 {
                            return try await store.write { _ in gate.wait(timeout: .now() + 60) == .success }
                        }
                        return try await store.read { _ in gate.wait(timeout: .now() + 60) == .success }
                    }
                }
                try await Task.sleep(for: .milliseconds(50))
                group.addTask {
                    for _ in 0..<count {
                        await Task.yield()
                        gate.signal()
                    }
                    return true
                }
                for try await isDone in group { #expect(isDone) }
            }
        }
    }

    /// What its caller may take as long as they like for keeps no search of the library's own waiting.
    @Test func longReadsKeepNoSearchWaiting() async throws {
        try await withStoreOfCodes(2000) { store, codes in
            let count = coreCount + 4
            let (holds, ends) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        try await store.read { _ in
                            holds.signal()
                            return ends.wait(timeout: .now() + 60) == .success
                        }
                    }
                }
                for _ in 0..<count { await wait(for: holds) }
                #expect(try await store.nearest(to: codes[7], count: 1) == [Match(id: 7, distance: 0)])
                #expect(try await store.within(radius: 0, of: codes[7]).map(\.id) == [7])
                #expect(try await store.nearest(to: Array(codes.prefix(100)), count: 1).count == 100)
                #expect(try await store.read { $0.count } == 2000)
                for _ in 0..<count { ends.signal() }
                for try await isDone in group { #expect(isDone, "nothing of the above may wait for a read") }
            }
        }
    }

    /// So many wait for one thread that those that were taken are forgotten on the way.
    @Test func allJobsOfALongQueueAreDone() async {
        let threads = WorkThreads(limit: 1)
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<5000 { group.addTask(executorPreference: threads) { number } }
            var sum = 0
            for await number in group { sum += number }
            return sum
        }
        #expect(sum == 4999 * 2500)
    }

    @Test(arguments: [QueryPlan.scan, .probe, .automatic])
    func aCancelledSearchEndsAndTheStoreStaysOfUse(plan: QueryPlan) async throws {
        try await withStoreOfCodes(30_000) { store, codes in
            // Each would go on for a minute.
            let searches: [@Sendable (borrowing Snapshot) throws -> Void] = [
                { _ = try $0.within(radius: 24, of: codes[0], plan: plan) },
                { _ = try $0.nearest(to: codes[0], count: 2000, plan: plan) },
                { _ = try $0.nearest(to: Array(codes.prefix(100)), count: 100, plan: plan) },
                { try $0.forEachMatch(within: 64, of: codes[0]) { _ in true } },
                { try $0.forEachPair(within: 3) { _ in true } },
            ]
            for (index, search) in searches.enumerated() {
                let started = DispatchSemaphore(value: 0)
                let task = Task {
                    try await store.read { snapshot in
                        started.signal()
                        let end = ContinuousClock.now + .seconds(60)
                        while .now < end { try search(snapshot) }
                    }
                }
                await wait(for: started)
                let cancelled = ContinuousClock.now
                task.cancel()
                await #expect(throws: CancellationError.self, "search \(index)") { try await task.value }
                #expect(cancelled.duration(to: .now) < .seconds(20), "search \(index)")
            }
            #expect(try await store.read { try $0.statistics().readers } == 1)
            let id = try await store.write { try $0.insert(code: codes[0]) }
            #expect(try await store.within(radius: 0, of: codes[0]).map(\.id).contains(id))
        }
    }

    @Test func whatIsCancelledBeforeItsCommitChangesNothing() async throws {
        try await withStoreOfCodes(10) { store, codes in
            for isLoading in [false, true] {
                let started = DispatchSemaphore(value: 0)
                let task = Task {
                    if isLoading {
                        try await store.bulkLoad { loader in
                            try loader.append(id: 100, code: codes[0])
                            started.signal()
                            waitForCancellation()
                        }
                    } else {
                        try await store.write { transaction in
                            try transaction.insert(100, code: codes[0])
                            started.signal()
                            waitForCancellation()
                        }
                    }
                }
                await wait(for: started)
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(try await store.read { try $0.contains(100) } == false)
            }
            try await store.write { try $0.insert(100, code: codes[0]) }
            #expect(try await store.read { $0.count } == 11)
        }
    }

    @Test func toWaitForAnotherWriterEndsWithTheTask() async throws {
        try await withStoreOfCodes(10) { store, codes in
            let (holds, ends) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let holder = Thread {
                try? store.write { _ in
                    holds.signal()
                    ends.wait()
                }
            }
            holder.start()
            await wait(for: holds)
            let task = Task { try await store.write { try $0.insert(100, code: codes[0]) } }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            ends.signal()
            try await store.write { try $0.insert(100, code: codes[0]) }
            #expect(try await store.read { $0.count } == 11)
        }
    }

    @Test func aCancelledTaskBeginsNothing() async throws {
        try await withStoreOfCodes(10) { store, _ in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await store.read { _ in true }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    @Test func manyTasksReadAndWriteAtOnce() async throws {
        try await withStoreOfCodes(2000) { store, codes in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        if index % 4 == 0 {
                            _ = try await store.write { try $0.insert(code: codes[index]) }
                        } else {
                            #expect(try await store.nearest(to: codes[index], count: 1)[0].distance == 0)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.read { $0.count } == 2050)
        }
    }
}

/// Runs `body` where Swift takes the calls that are not `async`.
private func onThisThread<R>(_ body: () throws -> R) rethrows -> R { try body() }

private func waitForCancellation() {
    let end = ContinuousClock.now + .seconds(60)
    while !Task.isCancelled, .now < end { usleep(100) }
}

func wait(for semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            semaphore.wait()
            continuation.resume()
        }
    }
}

/// Runs `body` with a store of so many random 64-bit codes, which are its ids' from 0 on.
func withStoreOfCodes(_ count: Int, _ body: (Store, [BinaryCode]) async throws -> Void) async throws {
    var generator = SplitMix64(seed: UInt64(count))
    let codes = try Distribution.uniform.codes(count, bitWidth: 64, &generator)
    try await withTemporaryStore(64) { store in
        try await store.bulkLoad { loader in
            for (id, code) in codes.enumerated() { try loader.append(id: UInt64(id), code: code) }
        }
        try await body(store, codes)
    }
}
