import Foundation
import HashDB
import Synchronization
import TestSupport
import Testing

/// The calls for tasks that work on whole files: they do what the others do, and end with their task.
@Suite struct AsyncFileTests {
    @Test func theyDoWhatTheOthersDo() async throws {
        try await withStoreOfCodes(3000) { store, codes in
            let path = store.path
            try await store.recordChanges()
            let shipment = try await Pieces(shippedBy: store)
            let follower = path + "-follower"
            let reception = try await Store.receive(at: follower, options: .unsynchronised) { shipment.take() }
            #expect(reception.changed == 3000)
            #expect(try await Store.open(at: follower).read { try $0.position } == reception.position)
            try await store.stopRecordingChanges()
            #expect(try await store.read { try $0.position } == nil)

            let isTold = Atomic(false)
            let copy = path + "-copy"
            let report = try await Store.backup(path, to: copy) { _, _ in isTold.store(true, ordering: .relaxed) }
            let wasTold = isTold.load(ordering: .relaxed)
            #expect(wasTold && report.bytes <= report.sourceBytes)
            #expect(try await Store.damagedPages(at: copy) == [])
            let rebuilt = try await Store.rebuild(copy, to: path + "-rebuilt", options: .unsynchronised)
            #expect(rebuilt.map(\.items) == [3000] && rebuilt.map(\.losses) == [[]])

            _ = try await Store.create(at: path, collection: "other", bitWidth: 8)
            try await Store.removeCollection("other", at: path)
            #expect(try await Store.collections(at: path).map(\.name) == ["default"])
            try await Store.compact(path, options: .unsynchronised)
            #expect(try await store.nearest(to: codes[7], count: 1) == [Match(id: 7, distance: 0)])
        }
    }

    @Test func theyOpenAndMakeWhatTheOthersDo() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.file("s")
            await #expect(throws: HashDBError.storeNotFound(path: path)) { _ = try await Store.open(at: path) }
            await #expect(throws: HashDBError.invalidWidth(12)) { _ = try await Store.create(at: path, bitWidth: 12) }
            let made = try await Store.create(at: path, bitWidth: 8, options: .unsynchronised)
            try await made.write { try $0.insert(7, code: BinaryCode(zeros: 8)) }
            await #expect(throws: HashDBError.storeExists(path: path)) {
                _ = try await Store.create(at: path, bitWidth: 8)
            }
            let opened = try await Store.open(at: path, access: .readOnly)
            #expect(try await opened.read { $0.count } == 1)
            let other = try await Store.openOrCreate(at: path, collection: "other", bitWidth: 16)
            #expect(other.bitWidth == 16)
            #expect(try await Store.collections(at: path).map(\.name) == ["default", "other"])
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await Store.open(at: path).count
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    private struct Stop: Error {}

    /// Whoever is told how far they are cancels the task: at once, or when all is done but to read it back.
    @Test func theyEndWithTheirTask() async throws {
        try await withStoreOfCodes(100_000) { store, _ in
            let path = store.path
            let new = path + "-new"
            let atOnce: @Sendable (Int, Int) -> Void = { _, _ in withUnsafeCurrentTask { $0?.cancel() } }
            let atTheEnd: @Sendable (Int, Int) -> Void = { if $0 == $1 { withUnsafeCurrentTask { $0?.cancel() } } }
            let calls: [@Sendable () async throws -> Void] = [
                { try await Store.backup(path, to: new, progress: atOnce) },
                { try await Store.backup(path, to: new, progress: atTheEnd) },
                { try await Store.compact(path, progress: atOnce) },
                { try await Store.compact(path, progress: atTheEnd) },
                { _ = try await Store.rebuild(path, to: new, options: .unsynchronised, progress: atOnce) },
                { _ = try await Store.damagedPages(at: path, progress: atOnce) },
            ]
            let before = try FileIdentifier(path)
            for (index, call) in calls.enumerated() {
                let task = Task { try await call() }
                await #expect(throws: CancellationError.self, "call \(index)") { try await task.value }
                let names = try FileManager.default.contentsOfDirectory(
                    atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path)
                #expect(Set(names) == ["s.hashdb", "s.hashdb-lock"], "call \(index)")
            }
            #expect(try FileIdentifier(path) == before)
            // What is told may end the call by itself as well.
            await #expect(throws: Stop.self) {
                _ = try await Store.damagedPages(at: path) { _, _ in throw Stop() }
            }
            #expect(try await store.read { $0.count } == 100_000)
        }
    }

    @Test func toWaitForAWriterEndsWithTheTask() async throws {
        try await withStoreOfCodes(10) { store, _ in
            let path = store.path
            let leader = try await Store.create(at: path + "-leader", bitWidth: 64, options: .unsynchronised)
            try await leader.recordChanges()
            let shipment = try await Pieces(shippedBy: leader)
            let calls: [@Sendable () async throws -> Void] = [
                { try await Store.compact(path) },
                { _ = try await Store.rebuild(path, to: path + "-new") },
                { _ = try await Store.damagedPages(at: path) },
                { try await Store.removeCollection("default", at: path) },
                { _ = try await Store.create(at: path, collection: "other", bitWidth: 8) },
                { _ = try await Store.openOrCreate(at: path, collection: "other", bitWidth: 8) },
                { try await store.recordChanges() },
                { try await store.stopRecordingChanges() },
                { try await Store.receive(at: path, replacing: true) { shipment.take() } },
            ]
            let (holds, ends) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            Thread.detachNewThread {
                try? store.write { _ in
                    holds.signal()
                    ends.wait()
                }
            }
            await wait(for: holds)
            defer { ends.signal() }
            for (index, call) in calls.enumerated() {
                let task = Task { try await call() }
                // From a thread of its own: tasks may have to wait for longer than the call does for the writer.
                Thread.detachNewThread {
                    usleep(20_000)
                    task.cancel()
                }
                await #expect(throws: CancellationError.self, "call \(index)") { try await task.value }
            }
        }
    }
}

/// Which file a path leads to.
private struct FileIdentifier: Equatable {
    private let number: Int

    init(_ path: String) throws {
        number = try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
    }
}

/// A shipment of everything, to be taken piece by piece.
private final class Pieces: Sendable {
    private let left: Mutex<ArraySlice<[UInt8]>>

    init(shippedBy store: Store) async throws {
        let pieces = try await store.read { snapshot in
            var pieces: [[UInt8]] = []
            try snapshot.ship(after: nil) { pieces.append($0) }
            return pieces
        }
        left = Mutex(pieces[...])
    }

    func take() -> [UInt8]? { left.withLock { $0.popFirst() } }
}
