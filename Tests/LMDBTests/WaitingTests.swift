import Foundation
import LMDB
import Synchronization
import Testing

/// Who waits, for what, and how long.
struct WaitingTests {
    @Test func aSecondWriterWaitsAndThenIsToldThatItIsBusy() throws {
        try withEnvironment { environment, path in
            try environment.asWriter(within: .seconds(1)) {
                let (result, waited) = try onAnotherThread {
                    let start = ContinuousClock.now
                    let result = Result { try environment.asWriter(within: .milliseconds(50)) {} }
                    return (result, start.duration(to: .now))
                }
                #expect(throws: LMDBError.busy(path: path)) { try result.get() }
                #expect(waited >= .milliseconds(50))
            }
            try environment.asWriter(within: .milliseconds(50)) {}
        }
    }

    @Test func aWriterDoesNotWaitForItself() throws {
        try withEnvironment { environment, path in
            let start = ContinuousClock.now
            try environment.asWriter(within: .seconds(1)) {
                let nested = LMDBError.nestedWrite(path: path)
                #expect(throws: nested) { try environment.asWriter(within: .seconds(60)) {} }
                #expect(throws: nested) { try PageFile.examine(path, within: .seconds(60)) { _ in } }
                // Another environment's lock is another.
                try withEnvironment { other, _ in try other.asWriter(within: .milliseconds(50)) {} }
            }
            try environment.asWriter(within: .milliseconds(50)) {}
            #expect(start.duration(to: .now) < .seconds(30))
        }
    }

    /// The right to write is one to a file: it is not one to another file that has taken the name meanwhile.
    @Test func aWriterDoesNotWriteAFileThatItHasNotTheRightTo() throws {
        try withEnvironment { environment, path in
            let other = path + "-other"
            _ = try MeetingPlace.create(other, commits: 3)
            unlink(other + "-lock")
            try environment.set("old")
            try environment.asWriter(within: .seconds(1)) {
                try #require(rename(other, path) == 0)
                let written = try onAnotherThread {
                    // A reader may be late by a tenth of a second.
                    usleep(150_000)
                    return Result {
                        try environment.read { _ in }
                        try environment.set("new")
                    }
                }
                try written.get()
                #expect {
                    try environment.write { _ in }
                } throws: { error in
                    if case LMDBError.failed(path, ESTALE, _) = error { true } else { false }
                }
            }
            #expect(try environment.keys() == ["1", "2", "new"])
        }
    }

    @Test func whoHasNotTheRightToWriteIsRefused() throws {
        try withEnvironment { environment, path in
            #expect(throws: LMDBError.self) { try environment.write { _ in } }
            try environment.set("a")
            #expect(try environment.keys() == ["a"])
        }
    }

    @Test(arguments: [Duration.zero, .seconds(-5)])
    func aWaitForACommitIsNotShorterThanAMillisecond(limit: Duration) async throws {
        let environment = try withEnvironment { environment, _ in environment }
        let start = ContinuousClock.now
        await environment.commits.wait(after: environment.commits.rings, atMost: limit)
        #expect(start.duration(to: .now) >= .milliseconds(1))
    }
}

/// Runs `body` on a thread of its own and waits for it.
func onAnotherThread<R: Sendable>(_ body: @escaping @Sendable () -> R) throws -> R {
    let result = Mutex<R?>(nil)
    let isDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
        let found = body()
        result.withLock { $0 = found }
        isDone.signal()
    }
    isDone.wait()
    return try #require(result.withLock { $0 })
}
