import HashDB
import ImageCodes
import Synchronization
import Testing

/// The calls for tasks: they do what the others do, and end with their task.
@Suite struct AsyncIngestTests {
    private let bench: IngestBench

    init() throws {
        bench = try IngestBench()
    }

    private func ingest(_ encoder: StubEncoder = StubEncoder(), batch: Int = 64) throws -> Ingest {
        var options = Ingest.Options()
        options.batch = batch
        return try Ingest(store: bench.store, encoder: encoder, options: options)
    }

    @Test func aRunDoesWhatTheOtherDoes() async throws {
        for index in 0..<50 { try bench.write(seed: index, to: "\(index).png") }
        try bench.directory.write([1, 2, 3], to: "photos/broken.png")
        let failures = Atomic(0)
        let summary = try await ingest().run([bench.directory["photos"]]) { event in
            if case .failed = event { failures.wrappingAdd(1, ordering: .relaxed) }
        }
        let told = failures.load(ordering: .relaxed)
        #expect(summary.added == 50 && summary.failed == 1 && told == 1 && !summary.wasCancelled)
        #expect(try bench.items().count == 50)
        let again = try bench.ingest()
        #expect(again.unchanged == 50 && again.added == 0)
        await #expect(throws: ImageCodesError.self) { try await ingest().run([bench.directory["nowhere"]]) }
    }

    @Test func aRunOfACancelledTaskCommitsWhatItHas() async throws {
        for index in 0..<400 { try bench.write(seed: index, to: "\(index).png") }
        let running = Mutex<Task<IngestSummary, any Error>?>(nil)
        let done = Atomic<Int>(0)
        let encoder = StubEncoder(beforeBatch: { count in
            if done.wrappingAdd(count, ordering: .relaxed).newValue >= 60 { running.withLock { $0?.cancel() } }
        })
        let ingest = try ingest(encoder, batch: 20)
        let photos = bench.directory["photos"]
        let task = running.withLock { running in
            let task = Task { try await ingest.run([photos]) }
            running = task
            return task
        }
        let summary = try await task.value
        #expect(summary.wasCancelled && summary.added >= 60 && summary.added < 400)
        #expect(try bench.items().count == summary.added)
    }

    @Test func aWatchEndsWithItsTask() async throws {
        try bench.write(seed: 1, to: "1.png")
        var options = TreeWatch.Options()
        options.quiet = .milliseconds(20)
        let watch = try TreeWatch(store: bench.store, encoder: StubEncoder(), options: options)
        let photos = bench.directory["photos"]
        let (updates, continuation) = AsyncStream.makeStream(of: WatchUpdate.self)
        let task = Task {
            try await watch.run([photos]) { event in
                if case .updated(let update) = event { continuation.yield(update) }
            }
        }
        var seen = updates.makeAsyncIterator()
        #expect(await seen.next()?.summary.added == 1)
        try bench.write(seed: 2, to: "2.png")
        #expect(await seen.next()?.summary.added == 1)
        task.cancel()
        try await task.value
        #expect(try bench.items().count == 2)
    }
}
