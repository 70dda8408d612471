import CHashDB
import CInterface
import Foundation
import HashDB
import Synchronization
import TestSupport
import Testing

/// The threads of a call see one commit, and so do those of a snapshot, also where all the contents are replaced again and again by others under
/// the same number.
@Suite(.serialized) struct ReplacedContentsTests {
    private static let threads = CInt(64)
    private static let rounds = 100

    @Test func aBatchIsAnsweredFromOneCommit() throws {
        try withReplacedStore { store in
            for _ in 0..<Self.rounds { try expectOneAnswer(from: store) }
        }
    }

    @Test func aSnapshotIsOfOneCommit() throws {
        try withReplacedStore { store in
            for _ in 0..<Self.rounds {
                var snapshot: OpaquePointer?
                let status = CInterface.snapshot(
                    store: store, threads: Self.threads, snapshot: &snapshot, error: nil)
                try #require(status == 0)
                try expectOneAnswer(from: snapshot)
                #expect(CInterface.close(store: snapshot, error: nil) == 0)
            }
        }
    }

    /// Asks the same of all threads; either content has one item.
    private func expectOneAnswer(from store: OpaquePointer?) throws {
        let count = 4096
        let queries = [UInt8](repeating: 0, count: count * 8)
        var ids = [UInt64](repeating: 0, count: count)
        var distances = [Int32](repeating: 0, count: count)
        let status = CInterface.nearest(
            store: store, queries: queries, queryCount: count, k: 1, threads: Self.threads, ids: &ids,
            distances: &distances, counts: nil, error: nil)
        try #require(status == 0)
        let found = Set(ids)
        #expect([[1], [2]].contains(found))
    }

    /// Runs `body` with a handle of a store that has one item, with id 1 and with id 2 in turns, each in the first commit of its history.
    private func withReplacedStore(_ body: (OpaquePointer?) throws -> Void) throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("s.hashdb")
        var options = hashdb_options()
        options.size = MemoryLayout<hashdb_options>.size
        options.asynchronous = 1
        var handle: OpaquePointer?
        try #require(CInterface.create(path: path, options: &options, bits: 64, store: &handle, error: nil) == 0)
        defer { _ = CInterface.close(store: handle, error: nil) }
        let store = try Store.open(at: path, options: .asynchronous)
        let replacement = Replacement(of: store, by: try [1, 2].map(shipment))
        let result = Result { try body(handle) }
        let count = try replacement.end()
        try result.get()
        #expect(count > Self.rounds / 10)
        var number = UInt64(0)
        #expect(CInterface.commitNumber(store: handle, number: &number, error: nil) == 0)
        #expect(number == 1)
    }

    /// Of a store with one item, which came in its first commit.
    private func shipment(ofItem id: UInt64) throws -> [[UInt8]] {
        let store = try Store.temporary(bitWidth: 64)
        try store.recordChanges()
        try store.write { try $0.insert(id, code: BinaryCode(zeros: 64)) }
        var pieces: [[UInt8]] = []
        try store.read { snapshot in _ = try snapshot.ship(after: nil) { pieces.append($0) } }
        return pieces
    }
}

extension Store.Options {
    fileprivate static var asynchronous: Store.Options {
        var options = Store.Options()
        options.synchronous = false
        return options
    }
}

/// Gives a store the contents of others in turns, on a thread of its own.
private final class Replacement: Sendable {
    private let isOver = Atomic(false)
    private let result = Mutex(Result<Int, any Error>.success(0))
    private let hasEnded = DispatchSemaphore(value: 0)

    /// Begins, and returns when the first has come.
    init(of store: Store, by shipments: [[[UInt8]]]) {
        let hasBegun = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            let result = Result {
                defer { hasBegun.signal() }
                var count = 0
                while !isOver.load(ordering: .relaxed) {
                    var rest = shipments[count % shipments.count][...]
                    try store.receive(replacing: true) { rest.popFirst() }
                    count += 1
                    if count == 1 { hasBegun.signal() }
                }
                return count
            }
            self.result.withLock { $0 = result }
            hasEnded.signal()
        }
        hasBegun.wait()
    }

    /// How many times the contents were replaced.
    func end() throws -> Int {
        isOver.store(true, ordering: .relaxed)
        hasEnded.wait()
        return try result.withLock { $0 }.get()
    }
}
