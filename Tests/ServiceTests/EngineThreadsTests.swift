import Dispatch
import Foundation
import Service
import Synchronization
import Testing

/// Threads that answer, and what waits for them.
@Suite struct EngineThreadsTests {
    private func answer(_ text: String = "") -> HTTPResponse { HTTPResponse(200, type: "text/plain", Array(text.utf8)) }

    @Test func allAreAnsweredByAsManyThreadsAsThereMayBe() async throws {
        let engine = EngineThreads(count: 3, waiting: 1000)
        let box = Counters(expecting: 3)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await engine.run(by: Deadline(in: .seconds(60))) {
                        box.enter()
                        return self.answer()
                    }.status
                }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(box.mostAtWork == 3)
    }

    @Test func whoWaitsTooLongIsTold() async throws {
        let engine = EngineThreads(count: 1, waiting: 2)
        let gate = DispatchSemaphore(value: 0)
        let (beginnings, begun) = AsyncStream.makeStream(of: Void.self)
        async let busy = Self.status {
            defer { begun.finish() }
            return try await engine.run(by: Deadline(in: .seconds(60))) {
                begun.yield()
                gate.wait()
                return self.answer()
            }
        }
        for await _ in beginnings { break }
        let waiting = await Self.status {
            try await engine.run(by: Deadline(in: .milliseconds(100))) { self.answer() }
        }
        #expect(waiting == 503)
        gate.signal()
        let answered = await busy
        #expect(answered == 200)
        #expect(try await engine.run(by: Deadline(in: .seconds(60))) { self.answer() }.status == 200)
    }

    @Test func whatIsAtWorkIsCancelledWhenTheTimeIsOver() async throws {
        let engine = EngineThreads(count: 1, waiting: 2)
        let wasCancelled = Atomic<Bool>(false)
        let statuses = await [
            Self.status {
                try await engine.run(by: Deadline(in: .seconds(1))) {
                    let deadline = Deadline(in: .seconds(60))
                    while !Task.isCancelled, !deadline.hasPassed { usleep(1000) }
                    wasCancelled.store(Task.isCancelled, ordering: .relaxed)
                    return self.answer("late")
                }
            },
            // On the same thread, so that the other must have ended.
            Self.status { try await engine.run(by: Deadline(in: .seconds(120))) { self.answer() } },
        ]
        #expect(statuses == [503, 200])
        let ended = wasCancelled.load(ordering: .relaxed)
        #expect(ended)
    }

    /// A report of duplicates that takes longer than a request may is there for the next one.
    @Test func whatIsToBeKeptIsNotCancelled() async throws {
        #expect(!StoreService.isBrokenOff(HTTPRequest("GET", ["v1", "duplicates"])))
        #expect(StoreService.isBrokenOff(HTTPRequest("POST", ["v1", "within"])))
        let engine = EngineThreads(count: 1, waiting: 2)
        let gate = DispatchSemaphore(value: 0)
        let wasCancelled = Atomic<Bool>(true)
        let status = await Self.status {
            try await engine.run(by: Deadline(in: .seconds(1)), breaksOff: false) {
                // Until the client has been told.
                _ = gate.wait(timeout: .now() + 60)
                wasCancelled.store(Task.isCancelled, ordering: .relaxed)
                return self.answer("late")
            }
        }
        #expect(status == 503)
        gate.signal()
        #expect(try await engine.run(by: Deadline(in: .seconds(60))) { self.answer() }.status == 200)
        let ended = wasCancelled.load(ordering: .relaxed)
        #expect(!ended)
    }

    @Test func moreThanMayWaitAreRefusedAtOnce() async throws {
        let engine = EngineThreads(count: 1, waiting: 2)
        let gate = DispatchSemaphore(value: 0)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        return try await engine.run(by: Deadline(in: .seconds(60))) {
                            gate.wait()
                            return self.answer()
                        }.status
                    } catch let error as ServiceError { return error.status }
                }
            }
            var statuses: [Int] = []
            for try await status in group {
                statuses.append(status)
                if statuses.count == 7 { for _ in 0..<10 { gate.signal() } }
            }
            return statuses
        }
        #expect(statuses.count { $0 == 503 } >= 7 && statuses.contains(200))
    }

    private static func status(_ work: @Sendable () async throws -> HTTPResponse) async -> Int {
        do { return try await work().status } catch { return (error as? ServiceError)?.status ?? 0 }
    }
}

/// How many are at work, and how many were at most. They wait for one another until so many have met as are expected, for a while.
private final class Counters: Sendable {
    private let expected: Int
    private let deadline = Deadline(in: .seconds(20))
    private let atWork = Atomic<Int>(0)
    private let most = Atomic<Int>(0)

    init(expecting count: Int) {
        expected = count
    }

    var mostAtWork: Int { most.load(ordering: .relaxed) }

    func enter() {
        let now = atWork.add(1, ordering: .relaxed).newValue
        _ = most.max(now, ordering: .relaxed)
        repeat { usleep(500) } while mostAtWork < expected && !deadline.hasPassed
        atWork.subtract(1, ordering: .relaxed)
    }
}
