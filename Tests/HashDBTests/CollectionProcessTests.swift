import Foundation
import HashDB
import LMDB
import Testing

/// Collections that other processes make and remove. Each exit test runs its closure in a process of its own.
@Suite(.serialized) struct CollectionProcessTests {
    private static let shared = SharedStore(of: "CollectionProcessTests")

    private static func create(_ name: String, bitWidth: Int = 64) throws -> Store {
        try Store.create(at: shared.path, collection: name, bitWidth: bitWidth, options: .unsynchronised)
    }

    @Test func whatAnotherProcessAddsIsFoundWhileThisOneReads() async throws {
        try await Self.shared.with { store, path in
            try await store.write { try $0.insert(1, code: BinaryCode(hex: "0123456789abcdef")) }
            // Threads of their own: tasks would keep the test's own from going on.
            let (isDone, hasEnded) = (Flag(), DispatchSemaphore(value: 0))
            for _ in 0..<2 {
                Thread.detachNewThread {
                    while !isDone.isSet {
                        let match = try? store.nearest(to: BinaryCode(hex: "0123456789abcdef"), count: 1)
                        if match?.count != 1 { Issue.record("a reader was disturbed") }
                    }
                    hasEnded.signal()
                }
            }
            await #expect(processExitsWith: .success) {
                for number in 0..<20 {
                    let store = try CollectionProcessTests.create("c\(number)")
                    _ = try store.write { try $0.insert(code: BinaryCode(hex: "0123456789abcdef")) }
                }
            }
            isDone.set()
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    for _ in 0..<2 { hasEnded.wait() }
                    continuation.resume()
                }
            }
            #expect(try await Store.collections(at: path).count == 21)
            #expect(try await Store.open(at: path, collection: "c13").count == 1)
        }
    }

    @Test func aCollectionThatAnotherProcessMadeAnewIsNotTakenForTheOld() async throws {
        try await Self.shared.with { _, path in
            let old = try Self.create("x")
            try await old.bulkLoad { try $0.append(packedCodes: [UInt8](repeating: 1, count: 80_000)) }
            #expect(try old.count == 10_000)
            await #expect(processExitsWith: .success) {
                let path = try CollectionProcessTests.shared.path
                try Store.removeCollection("x", at: path, options: .unsynchronised)
                let store = try CollectionProcessTests.create("x", bitWidth: 16)
                try store.bulkLoad { try $0.append(packedCodes: [UInt8](repeating: 2, count: 20_000)) }
            }
            #expect(throws: HashDBError.collectionRemoved(path: "\(path), collection x")) { try old.count }
            let new = try await Store.open(at: path, collection: "x", options: .unsynchronised)
            #expect(try new.bitWidth == 16 && new.count == 10_000)
            try await new.read { try $0.checkInvariants() }
        }
    }

    /// Handles belong to names: those of collections that are no more are given up when there is no room for others.
    @Test func handlesOfCollectionsThatAreGoneMakeRoom() async throws {
        try await Self.shared.with { store, path in
            let others = try (1..<Store.maximumCollections).map { try Self.create("old\($0)") }
            await #expect(processExitsWith: .success) {
                let path = try CollectionProcessTests.shared.path
                for number in 1..<Store.maximumCollections {
                    try Store.removeCollection("old\(number)", at: path, options: .unsynchronised)
                    _ = try CollectionProcessTests.create("new\(number)")
                }
            }
            for number in 1..<Store.maximumCollections {
                let new = try await Store.open(at: path, collection: "new\(number)", options: .unsynchronised)
                _ = try await new.write { try $0.insert(code: BinaryCode(hex: "0123456789abcdef")) }
            }
            // Even where no handle is left to look for what they were.
            for other in others {
                let gone = HashDBError.collectionRemoved(path: "\(path), collection \(other.collection)")
                #expect(throws: gone) { try other.count }
            }
            #expect(try store.count == 0)
            try await Store.removeCollection("new5", at: path, options: .unsynchronised)
            // The name was open here once.
            #expect(try Self.create("old5").count == 0)
        }
    }

    @Test func aKilledCreationLeavesTheFileAsBefore() async throws {
        try await Self.shared.with { store, path in
            try await store.write { try $0.insert(1, code: BinaryCode(hex: "0123456789abcdef")) }
            await #expect(processExitsWith: .signal(SIGKILL)) {
                var options = Environment.Options()
                options.maximumDatabases = 320
                let environment = try Environment.open(at: try CollectionProcessTests.shared.path, options: options)
                let names = ["meta", "segments", "delta", "payloads", "attributes"].map { "x/" + $0 }
                try environment.asWriter(within: .seconds(10)) {
                    try environment.addDatabases(named: names) { transaction, databases in
                        let bytes = [UInt8](repeating: 7, count: 500_000)
                        try bytes.withUnsafeBytes {
                            try transaction.set(UnsafeRawBufferPointer(rebasing: $0[..<8]), to: $0, in: databases[1])
                        }
                        kill(getpid(), SIGKILL)
                    }
                }
            }
            #expect(try await Store.collections(at: path).map(\.name) == ["default"])
            try await store.read { try $0.checkInvariants() }
            #expect(try Self.create("x").count == 0)
            #expect(try store.count == 1)
        }
    }
}

private final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false
    var isSet: Bool { lock.withLock { value } }
    func set() { lock.withLock { value = true } }
}
