import Foundation
import HashDB
import ImageCodes
import Synchronization
import Testing

@Suite struct IngestFaultTests {
    private let bench: IngestBench

    init() throws {
        bench = try IngestBench()
    }

    private struct ModelBroken: Error {}

    @Test func filesThatFailAreNamedCountedAndStopNothing() throws {
        for index in 0..<30 { try bench.write(seed: index, to: "\(index).png") }
        try bench.directory.write([], to: "photos/empty.jpg")
        try bench.directory.write(Array("text".utf8), to: "photos/text.jpg")
        let whole = try TestImages.picture(seed: 3)
        try bench.directory.write(Array(whole.prefix(whole.count / 2)), to: "photos/half.png")
        var told: [ImageDecodingError] = []
        let summary = try bench.ingest(observe: { if case .failed(let error) = $0 { told.append(error) } })
        #expect(summary.added == 30 && summary.failed == 3)
        #expect(told == summary.firstFailures)
        #expect(told.map { String(decoding: $0.path.name, as: UTF8.self) } == ["empty.jpg", "half.png", "text.jpg"])
        #expect(told.map(\.reason)[0] == .empty && told.map(\.reason)[2] == .unknownFormat(recognised: nil))
        // They are tried again next time, and may be right then.
        try bench.write(seed: 77, to: "half.png")
        let second = try bench.ingest()
        #expect(second.added == 1 && second.failed == 2 && second.unchanged == 30)
    }

    @Test func aStoredImageThatBreaksKeepsItsOldCode() throws {
        let code = try bench.expectedCode(of: bench.write(seed: 1, to: "1.png"))
        _ = try bench.ingest()
        let before = try bench.items()
        let id = try #require(before["photos/1.png"])
        try bench.directory.write(Array("text".utf8), to: "photos/1.png")
        #expect(try bench.ingest { $0.removesVanished = true }.failed == 1)
        #expect(try bench.items() == before)
        #expect(try bench.store.read { try $0.code(of: id) } == code)
    }

    @Test func treesOfEverythingEndWell() throws {
        try bench.write(seed: 1, to: "a/1.png")
        try FileManager.default.createSymbolicLink(
            atPath: bench.directory["photos/a/loop"].string, withDestinationPath: "../../photos")
        try FileManager.default.createSymbolicLink(
            atPath: bench.directory["photos/a/2.png"].string, withDestinationPath: "1.png")
        try check(mkfifo(bench.directory["photos/pipe.png"].string, 0o600), "mkfifo")
        try check(link(bench.directory["photos/a/1.png"].string, bench.directory["photos/b.png"].string), "link")
        let odd = bench.directory["photos"].appending([0xFF, 0x0A] + Array(".png".utf8))
        let bytes = try TestImages.picture(seed: 5)
        let descriptor = odd.withCString { open($0, O_CREAT | O_WRONLY, 0o600) }
        #expect(bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
        close(descriptor)
        let summary = try bench.ingest()
        #expect(summary.added == 2 && summary.linked == 1 && summary.failed == 0)
        #expect(summary.skipped == [.symbolicLink: 2, .special: 1])
        #expect(try bench.store.read { try $0.image(at: odd) } != nil)
        #expect(try bench.ingest().unchanged == 3)
    }

    @Test(.enabled(if: !isSuperuser)) func unreadableDirectoriesAreToldAndTheirImagesKept() throws {
        try bench.write(seed: 1, to: "secret/1.png")
        try bench.write(seed: 2, to: "2.png")
        _ = try bench.ingest()
        bench.directory.chmod(bench.directory["photos/secret"], 0)
        var told: [ImagePath] = []
        let summary = try bench.ingest {
            $0.removesVanished = true
        } observe: { event in
            if case .passedOver(let path, .unreadable) = event { told.append(path) }
        }
        #expect(summary.vanished == 0 && summary.skipped == [.unreadable: 1])
        #expect(told == [bench.directory["photos/secret"]])
    }

    @Test func aCancelledRunCommitsWhatItHasAndTheNextGoesOn() throws {
        for index in 0..<400 { try bench.write(seed: index, to: "\(index).png") }
        let cancellation = IngestCancellation()
        let done = Atomic<Int>(0)
        let encoder = StubEncoder(beforeBatch: { count in
            if done.wrappingAdd(count, ordering: .relaxed).newValue >= 60 { cancellation.cancel() }
        })
        let summary = try bench.ingest(encoder: encoder, cancellation: cancellation) {
            $0.batch = 20; $0.removesVanished = true
        }
        #expect(summary.wasCancelled && summary.added >= 60 && summary.added < 80)
        #expect(summary.added == encoder.batches.reduce(0, +))
        #expect(try bench.items().count == summary.added)
        let rest = try bench.ingest()
        #expect(rest.added == 400 - summary.added && rest.unchanged == summary.added && !rest.wasCancelled)
        #expect(Set(try bench.items().values).count == 400)
    }

    @Test func aRunCancelledBeforeItBeginsDoesNothing() throws {
        try bench.write(seed: 1, to: "1.png")
        let cancellation = IngestCancellation()
        cancellation.cancel()
        let summary = try bench.ingest(cancellation: cancellation)
        #expect(summary.wasCancelled && summary.added == 0)
    }

    @Test func aModelThatFailsEndsTheRunWithItsError() throws {
        for index in 0..<300 { try bench.write(seed: index, to: "\(index).png") }
        let calls = Atomic<Int>(0)
        let encoder = StubEncoder(beforeBatch: { _ in
            if calls.wrappingAdd(1, ordering: .relaxed).newValue == 4 { throw ModelBroken() }
        })
        #expect(throws: ModelBroken.self) { try bench.ingest(encoder: encoder) { $0.batch = 10 } }
        _ = try bench.items()
        #expect(try bench.ingest().failed == 0)
        #expect(try bench.items().count == 300)
    }

    @Test func aStoreThatCannotBeWrittenEndsTheRun() throws {
        for index in 0..<200 { try bench.write(seed: index, to: "\(index).png") }
        let readOnly = try Store.open(at: bench.store.path, access: .readOnly)
        #expect(throws: HashDBError.readOnly(path: bench.store.path)) {
            try Ingest(store: readOnly, encoder: StubEncoder()).run([bench.directory["photos"]])
        }
    }

    @Test func filesThatVanishOrChangeMeanwhileAreNotMixedUp() throws {
        for index in 0..<200 { try bench.write(seed: index, to: "\(index + 100).png") }
        let directory = bench.directory
        let once = Atomic<Bool>(false)
        let encoder = StubEncoder(beforeBatch: { _ in
            guard !once.exchange(true, ordering: .relaxed) else { return }
            for index in 250..<300 { try directory.remove("photos/\(index).png") }
            for index in 200..<250 {
                try directory.write(TestImages.picture(seed: UInt64(index + 900)), to: "photos/\(index).png")
            }
        })
        let summary = try bench.ingest(encoder: encoder) {
            $0.batch = 10; $0.decodingThreads = 2
        }
        #expect(summary.added + summary.failed == 200 || summary.skipped[.vanished] != nil)
        #expect(
            summary.firstFailures.allSatisfy {
                $0.reason == .vanished || $0.reason == .changedWhileRead || $0.reason == .empty
            })
        let after = try bench.ingest { $0.removesVanished = true }
        #expect(after.failed == 0)
        #expect(try bench.items().count == 150)
        try bench.store.read { snapshot in
            try snapshot.forEachItem { item in
                let path = try #require(try snapshot.imagePaths(of: item.id).first)
                #expect(try item.code == bench.expectedCode(of: path))
                return true
            }
        }
    }

    @Test func readersSeeTheStoreGrowWhileARunGoesOn() async throws {
        for index in 0..<300 { try bench.write(seed: index, to: "\(index).png") }
        let store = bench.store
        let watching = Task.detached {
            var last = 0
            while last < 300 {
                let count = try store.count
                #expect(count >= last)
                last = count
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(
            try bench.ingest {
                $0.batch = 10; $0.commitCount = 50
            }.added == 300)
        try await watching.value
    }

    @Test func smallCommitsAreMadeAsImagesCome() throws {
        for index in 0..<100 { try bench.write(seed: index, to: "\(index).png") }
        let before = try bench.store.read { $0.commitNumber }
        _ = try bench.ingest {
            $0.batch = 10; $0.commitCount = 20
        }
        #expect(try bench.store.read { $0.commitNumber } >= before + 4)
    }

    /// A file has moved, another content has its old name, and the run ends before it meets the new one.
    @Test func aCancelledRunKeepsTheIdsOfWhatItDidNotGetTo() throws {
        try bench.write(seed: 900, to: "0.png")
        _ = try bench.ingest()
        let id = try bench.items()["photos/0.png"]
        try check(
            rename(bench.directory["photos/0.png"].string, bench.directory["photos/moved.png"].string), "rename")
        for index in 0..<400 { try bench.write(seed: index, to: "\(index).png") }
        let cancellation = IngestCancellation()
        let summary = try bench.ingest(
            encoder: StubEncoder(beforeBatch: { _ in cancellation.cancel() }), cancellation: cancellation
        ) { $0.batch = 20 }
        #expect(summary.wasCancelled && summary.added + summary.changed > 0 && summary.moved == 0)
        _ = try bench.ingest()
        #expect(try bench.items()["photos/moved.png"] == id)
    }
}
