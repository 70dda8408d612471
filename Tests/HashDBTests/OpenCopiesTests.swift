import HashDB
import TestSupport
import Testing

/// A store that is open copies itself, and goes on with what has taken its place.
struct OpenCopiesTests {
    private struct Stop: Error {}

    @Test func aBackupIsTheStoreAsItIs() throws {
        try withStore { store, directory in
            let copy = directory + "/copy"
            var steps: [(done: Int, total: Int)] = []
            let report = try store.backup(to: copy) { steps.append(($0, $1)) }
            #expect(report.bytes <= report.sourceBytes && !report.hasReplacedRemains)
            let isOrdered = zip(steps, steps.dropFirst()).allSatisfy { $0.done <= $1.done }
            #expect(isOrdered && steps.last?.done == report.bytes)
            #expect(try items(Store.open(at: copy)) == items(store))
            #expect(throws: HashDBError.storeExists(path: copy)) { try store.backup(to: copy) }
            #expect(throws: Stop.self) { try store.backup(to: directory + "/stopped") { _, _ in throw Stop() } }
            #expect(throws: HashDBError.storeNotFound(path: directory + "/stopped")) {
                try Store.open(at: directory + "/stopped")
            }
        }
    }

    @Test func aCompactedStoreGoesOn() throws {
        try withStore { store, directory in
            let other = try Store.open(at: store.path)
            try store.write { transaction in for id in 0..<1900 as Range<UInt64> { try transaction.delete(id) } }
            let before = try items(store)
            let report = try store.compact()
            #expect(report.bytes < report.sourceBytes)
            for opened in [store, other] { #expect(try items(opened) == before) }
            try store.write { try $0.insert(5, code: BinaryCode(zeros: 64)) }
            #expect(try other.count == before.count + 1 && store.count == before.count + 1)
            try store.read { snapshot in
                // The snapshot goes on with the old file.
                try other.compact()
                #expect(snapshot.count == before.count + 1)
                try snapshot.checkInvariants()
            }
            try other.write { _ = try $0.delete(5) }
            #expect(try items(store) == before)
            #expect(throws: Stop.self) { try store.compact { _, _ in throw Stop() } }
            #expect(try items(store) == before)
        }
    }

    @Test func whoOnlyReadsBacksUpAndDoesNotCompact() throws {
        try withStore { store, directory in
            let reader = try Store.open(at: store.path, access: .readOnly)
            try reader.backup(to: directory + "/copy")
            #expect(try Store.open(at: directory + "/copy").count == store.count)
            #expect(throws: HashDBError.readOnly(path: store.path)) { try reader.compact() }
        }
    }

    @Test func withinAWriteItIsBackedUpAndNotCompacted() throws {
        try withStore { store, directory in
            try store.write { transaction in
                transaction.deleteAll()
                #expect(throws: HashDBError.nestedWrite(path: store.path)) { try store.compact() }
                // As of the last commit.
                try store.backup(to: directory + "/copy")
            }
            #expect(try store.count == 0)
            #expect(try Store.open(at: directory + "/copy").count == 2000)
        }
    }

    @Test func aStoreWithoutANameIsBackedUp() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.temporary(bitWidth: 64, directory: directory)
            try store.write { for id in 0..<9 as Range<UInt64> { try $0.insert(id, code: BinaryCode(zeros: 64)) } }
            try store.backup(to: directory + "/copy")
            #expect(try items(Store.open(at: directory + "/copy")) == items(store))
            let error = #expect(throws: HashDBError.self) { try store.compact() }
            #expect("\(try #require(error))".contains("temporary"))
            #expect(try store.count == 9)
        }
    }

    @Test func theyEndWithTheirTask() async throws {
        try await withStoreOfCodes(100_000) { store, _ in
            let copy = store.path + "-copy"
            try await store.backup(to: copy)
            #expect(try await Store.open(at: copy).read { $0.count } == 100_000)
            try await store.compact()
            let cancelled: @Sendable (Int, Int) -> Void = { _, _ in withUnsafeCurrentTask { $0?.cancel() } }
            for call in [0, 1] {
                let task = Task {
                    if call == 0 {
                        try await store.backup(to: copy + "2", progress: cancelled)
                    } else {
                        try await store.compact(progress: cancelled)
                    }
                }
                await #expect(throws: CancellationError.self) { _ = try await task.value }
            }
            #expect(throws: HashDBError.storeNotFound(path: copy + "2")) {
                _ = try Store.open(at: copy + "2")
            }
            #expect(try await store.read { $0.count } == 100_000)
        }
    }

    // MARK: Steps

    private func items(_ store: Store) throws -> [Item] {
        try store.read { snapshot in
            var items: [Item] = []
            try snapshot.checkInvariants()
            try snapshot.forEachItem { item in
                items.append(item)
                return true
            }
            return items
        }
    }

    /// A store of 2000 items with payloads.
    private func withStore(_ body: (Store, String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            var generator = SplitMix64(seed: 3)
            let codes = try Distribution.uniform.codes(2000, bitWidth: 64, &generator)
            try store.write { transaction in
                for code in codes { _ = try transaction.insert(code: code, payload: [UInt8](repeating: 7, count: 300)) }
            }
            try body(store, directory)
        }
    }
}
