import Dispatch
import HashDB
import TestSupport
import Testing

/// Writes of tasks that wait for others of the same store: for no longer than is said, and no longer than their task wants.
struct QueuedWriteTests {
    private struct Stop: Error {}

    /// Runs `body` while a write of a task holds the store, whose writers wait for so long; then expects it to be committed.
    private func withHeldStore(
        _ busyTimeout: Duration, _ body: (Store) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            var options = Store.Options.unsynchronised
            options.busyTimeout = busyTimeout
            let store = try await Store.create(at: folder.file("s"), bitWidth: 8, options: options)
            let (holds, ends) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let holder = Task {
                try await store.bulkLoad { loader in
                    holds.signal()
                    guard ends.wait(timeout: .now() + 60) == .success else { throw Stop() }
                    try loader.append(id: 1, code: BinaryCode(zeros: 8))
                }
            }
            await wait(for: holds)
            do { try await body(store) } catch {
                ends.signal()
                throw error
            }
            ends.signal()
            try await holder.value
            #expect(try await store.read { try $0.contains(1) })
        }
    }

    /// The calls that wait for the store's writers.
    private static let calls: [@Sendable (Store) async throws -> Void] = [
        { try await $0.write { _ = try $0.insert(code: BinaryCode(zeros: 8)) } },
        { try await $0.bulkLoad { try $0.append(id: 2, code: BinaryCode(zeros: 8)) } },
        { try await $0.fold() },
        { try await $0.recordChanges() },
    ]

    @Test func aCancelledOneLeavesTheLineAtOnce() async throws {
        try await withHeldStore(.seconds(50)) { store in
            for (index, call) in Self.calls.enumerated() {
                // Whether it is in the line by then or not.
                for pause in [0, 30] {
                    let task = Task { try await call(store) }
                    try await Task.sleep(for: .milliseconds(pause))
                    task.cancel()
                    await #expect(throws: CancellationError.self, "call \(index)") { try await task.value }
                }
            }
        }
    }

    @Test func theTimeInTheLineCounts() async throws {
        try await withHeldStore(.milliseconds(200)) { store in
            for (index, call) in Self.calls.enumerated() {
                let start = ContinuousClock.now
                await #expect(throws: HashDBError.busy(path: store.path), "call \(index)") { try await call(store) }
                #expect(start.duration(to: .now) >= .milliseconds(200), "call \(index)")
            }
        }
    }

    /// Those who have left the line are passed over.
    @Test func theOthersGoOnInTheirOrder() async throws {
        try await withTemporaryFolder { folder in
            var options = Store.Options.unsynchronised
            options.busyTimeout = .seconds(600)
            let store = try await Store.create(at: folder.file("s"), bitWidth: 8, options: options)
            let (holds, ends) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let holder = Task {
                try await store.write { _ in
                    holds.signal()
                    ends.wait()
                }
            }
            await wait(for: holds)
            var tasks: [Task<UInt64, any Error>] = []
            for _ in 0..<30 {
                tasks.append(Task { try await store.write { try $0.insert(code: BinaryCode(zeros: 8)) } })
                // So that they come in this order, as a rule.
                try await Task.sleep(for: .milliseconds(2))
            }
            for index in stride(from: 0, to: 30, by: 3) { tasks[index].cancel() }
            ends.signal()
            try await holder.value
            var ids: Set<UInt64> = []
            for (index, task) in tasks.enumerated() {
                if index.isMultiple(of: 3) {
                    await #expect(throws: CancellationError.self) { _ = try await task.value }
                } else {
                    ids.insert(try await task.value)
                }
            }
            #expect(ids == Set(0..<20))
            #expect(try await store.read { $0.count } == 20)
        }
    }
}
