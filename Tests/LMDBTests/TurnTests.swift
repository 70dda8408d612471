import Foundation
import LMDB
import Synchronization
import Testing

/// Writers get their turns.
struct TurnTests {
    /// Who is in the line sees each of the others write once at most.
    @Test(.timeLimit(.minutes(5))) func threadsOfAProcessWriteInTheOrderInWhichTheyCame() throws {
        try withEnvironment { environment, _ in
            let turns = Atomic(0)
            let waits = Atomic(0)
            let isDone = onThreads(4, within: 240) { _ in
                for _ in 0..<50 {
                    var before: Int?
                    // Is asked as soon as there is a place in the line.
                    let note = { before = before ?? turns.load(ordering: .acquiring) }
                    try environment.asWriter(within: .seconds(200), giveUp: note) {
                        if let before {
                            let others = turns.load(ordering: .acquiring) - before
                            if others > 3 { Issue.record("\(others) came before") }
                            waits.add(1, ordering: .relaxed)
                        }
                        usleep(500)
                        turns.add(1, ordering: .releasing)
                    }
                }
            }
            #expect(isDone)
            let (written, waited) = (turns.load(ordering: .relaxed), waits.load(ordering: .relaxed))
            #expect(written == 200)
            #expect(waited > 0)
        }
    }

    /// Whoever goes from the line, for whatever reason, is not in the way of those behind.
    @Test(.timeLimit(.minutes(5))) func aPlaceInTheLineIsGivenUp() throws {
        struct Stop: Error {}
        try withEnvironment { (environment, path) throws in
            let last = DispatchSemaphore(value: 0)
            try environment.asWriter(within: .seconds(1)) {
                let late = try onAnotherThread {
                    Result { try environment.asWriter(within: .milliseconds(20)) {} }
                }
                #expect(throws: LMDBError.busy(path: path)) { try late.get() }
                let stopped = try onAnotherThread {
                    Result { try environment.asWriter(within: .seconds(200), giveUp: { throw Stop() }) {} }
                }
                #expect(throws: Stop.self) { try stopped.get() }
                let isWaiting = DispatchSemaphore(value: 0)
                Thread.detachNewThread {
                    defer { last.signal() }
                    do {
                        try environment.asWriter(within: .seconds(200), giveUp: { isWaiting.signal() }) {}
                    } catch { Issue.record(error) }
                }
                isWaiting.wait()
            }
            last.wait()
            try environment.asWriter(within: .zero) {}
        }
    }
}

extension ProcessTests {
    @Test func aProcessThatWritesOnAndOnLetsOthersBy() async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: 2)
            let hasEnded = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                defer { hasEnded.signal() }
                do {
                    try MeetingPlace.wait(for: "writing")
                    for number in 0..<5 {
                        let database = try #require(try environment.databases(named: ["one"]))[0]
                        try environment.asWriter(within: .seconds(60)) {
                            try environment.write { transaction in
                                try Array("own \(number)".utf8).withUnsafeBytes {
                                    try transaction.set($0, to: $0, in: database)
                                }
                            }
                        }
                    }
                } catch { Issue.record(error) }
                do { try MeetingPlace.tell("done") } catch { Issue.record(error) }
            }
            await #expect(processExitsWith: .success) {
                let environment = try ProcessTests.open()
                let done = try MeetingPlace.path() + "/done"
                try environment.set("other")
                try MeetingPlace.tell("writing")
                while access(done, F_OK) != 0 { try environment.asWriter(within: .seconds(60)) { _ = usleep(2_000) } }
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    hasEnded.wait()
                    continuation.resume()
                }
            }
            #expect(try environment.keys() == ["1", "other", "own 0", "own 1", "own 2", "own 3", "own 4"])
        }
    }
}

/// Runs `body` on so many threads, each with its number. Returns whether all have ended in time, in seconds; what they throw is an issue.
func onThreads(_ count: Int, within limit: Int, _ body: @escaping @Sendable (Int) throws -> Void) -> Bool {
    let group = DispatchGroup()
    for number in 0..<count {
        group.enter()
        Thread.detachNewThread {
            defer { group.leave() }
            do { try body(number) } catch { Issue.record(error) }
        }
    }
    return group.wait(timeout: .now() + .seconds(limit)) == .success
}
