import Foundation
import HashDB
import TestSupport
import Testing

/// Several processes at one store. Each exit test runs its closure in a process of its own, which finds the store through the environment.
@Suite(.serialized) struct ProcessTests {
    private static let shared = SharedStore(of: "ProcessTests", options: tiny)

    private static var tiny: Store.Options {
        var options = Store.Options.unsynchronised
        options.initialMapSize = 1 << 18
        return options
    }

    /// Code of the item `id` in these tests.
    private static func code(_ id: Int) throws -> BinaryCode {
        var generator = SplitMix64(seed: UInt64(id))
        return try Distribution.uniform.codes(1, bitWidth: 64, &generator)[0]
    }

    @Test func whatAnotherProcessCommitsIsSeenEvenWhenItHasGrownTheMap() async throws {
        try await Self.shared.with { store, _ in
            #expect(try store.count == 0)
            await #expect(processExitsWith: .success) {
                let store = try ProcessTests.shared.open()
                for start in stride(from: 0, to: 40_000, by: 4000) {
                    try store.write { transaction in
                        for id in start..<start + 4000 {
                            try transaction.insert(
                                UInt64(id), code: try ProcessTests.code(id), payload: [UInt8](repeating: 1, count: 100))
                        }
                    }
                }
            }
            #expect(try store.count == 40_000)
            try await store.read { try $0.checkInvariants() }
            #expect(try await store.nearest(to: Self.code(12_345), count: 1) == [Match(id: 12_345, distance: 0)])
            #expect(try await store.write { try $0.insert(code: try Self.code(1)) } == 40_000)
        }
    }

    @Test func aProcessKilledAfterACommitLosesNothing() async throws {
        try await Self.shared.with { store, _ in
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let store = try ProcessTests.shared.open()
                try store.write { transaction in
                    for id in 0..<1000 { try transaction.insert(UInt64(id), code: try ProcessTests.code(id)) }
                }
                try store.write { transaction in
                    for id in 1000..<2000 { try transaction.insert(UInt64(id), code: try ProcessTests.code(id)) }
                    kill(getpid(), SIGKILL)
                }
            }
            #expect(try store.count == 1000)
            try await store.read { try $0.checkInvariants() }
        }
    }

    @Test func whatAKilledLoadLeftIsRemovedByTheNextWriter() async throws {
        try await Self.shared.with { store, _ in
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let store = try ProcessTests.shared.open()
                // Descending runs become parts of their own, each of which is written as soon as the next begins.
                try store.loading(runLength: 5000) { loader in
                    for id in (0..<12_000).reversed() {
                        try loader.append(id: UInt64(id), code: try ProcessTests.code(id))
                    }
                    kill(getpid(), SIGKILL)
                }
            }
            #expect(try store.count == 0)
            let left = try await store.read { try $0.statistics().fileBytes }
            #expect(left > 70_000)
            // The space is used again.
            for _ in 0..<3 {
                try await store.bulkLoad { loader in
                    for id in 0..<1000 { try loader.append(id: UInt64(id), code: try Self.code(id)) }
                }
            }
            #expect(try store.count == 1000)
            try await store.read { try $0.checkInvariants() }
            #expect(try await store.read { try $0.statistics().fileBytes } < 2 * left)
        }
    }

    @Test func aMergeGoesOnAfterTheProcessThatBeganItWasKilled() async throws {
        try await Self.shared.with { store, _ in
            await #expect(processExitsWith: .signal(SIGKILL)) {
                var options = ProcessTests.tiny
                options.folding.deltaEntries = 500
                options.folding.amount = 3000
                options.folding.rowBlockBits = 6
                let store = try Store.open(at: ProcessTests.shared.path, options: options)
                var next = 0
                var merging = 0
                // Killed some commits after a merge has begun, of which one deletes what it has copied.
                while true {
                    try store.write { transaction in
                        for id in next..<next + 100 {
                            try transaction.insert(UInt64(id), code: try ProcessTests.code(id))
                        }
                        if merging == 2 { for id in 0..<50 { try transaction.delete(UInt64(id)) } }
                    }
                    next += 100
                    if try store.read({ try $0.statistics().isMerging }) { merging += 1 }
                    if merging == 5 { kill(getpid(), SIGKILL) }
                }
            }
            let (count, left) = try await store.read { snapshot in
                try snapshot.checkInvariants()
                let statistics = try snapshot.statistics()
                #expect(statistics.isMerging)
                return (snapshot.count, statistics.segments.count)
            }
            // This process has the usual settings: one commit does all that is left.
            try await store.write { try $0.insert(1_000_000, code: try Self.code(1_000_000)) }
            try await store.read { snapshot in
                try snapshot.checkInvariants()
                let statistics = try snapshot.statistics()
                #expect(!statistics.isMerging && statistics.segments.count < left)
                #expect(snapshot.count == count + 1)
                #expect(try !snapshot.contains(49) && snapshot.contains(50))
            }
        }
    }

    @Test func aWriterInAnotherProcessIsWaitedForAndThenReportedAsBusy() async throws {
        try await Self.shared.with { store, _ in
            let mayEnd = DispatchSemaphore(value: 0)
            let hasEnded = DispatchSemaphore(value: 0)
            let hasBegun = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                try? store.write { transaction in
                    try transaction.setAttribute([1], forKey: "writer")
                    hasBegun.signal()
                    mayEnd.wait()
                }
                hasEnded.signal()
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    hasBegun.wait()
                    continuation.resume()
                }
            }
            await #expect(processExitsWith: .success) {
                var options = ProcessTests.tiny
                options.busyTimeout = .milliseconds(100)
                let path = try ProcessTests.shared.path
                let store = try Store.open(at: path, options: options)
                #expect(throws: HashDBError.busy(path: path)) {
                    try store.write { try $0.insert(2, code: try ProcessTests.code(2)) }
                }
                #expect(try store.count == 0)
            }
            mayEnd.signal()
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    hasEnded.wait()
                    continuation.resume()
                }
            }
            await #expect(processExitsWith: .success) {
                let store = try ProcessTests.shared.open()
                try store.write { try $0.insert(2, code: try ProcessTests.code(2)) }
            }
            let count = try store.count
            #expect(count == 1)
        }
    }
}
