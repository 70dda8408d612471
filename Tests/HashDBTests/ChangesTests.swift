import Foundation
import HashDB
import Synchronization
import Testing

/// `Store.changes()` tells of every commit that is the last for long enough, whoever made it.
@Suite(.serialized) struct ChangesTests {
    /// Longer than a test may take: whatever comes earlier was not found by looking.
    private static let never = Duration.seconds(3600)
    private static let shared = SharedStore(of: "ChangesTests")

    @Test func commitsOfThisProcessComeAtOnceAndInOrder() async throws {
        try await Self.shared.with { store, path in
            var changes = store.changes(lookingEvery: Self.never).makeAsyncIterator()
            #expect(try await changes.next() == 0)
            let (numbers, news) = AsyncStream.makeStream(of: UInt64.self)
            let watcher = Task {
                for try await number in store.changes(lookingEvery: Self.never) { news.yield(number) }
                news.finish()
            }
            var seen = numbers.makeAsyncIterator()
            #expect(await seen.next() == 0)
            let other = try await Store.open(at: path)
            for number in 1...20 {
                let code = try BinaryCode(zeros: 64)
                if number % 3 == 0 {
                    try await other.bulkLoad { try $0.append(id: UInt64(number), code: code) }
                } else {
                    try await other.write { try $0.insert(UInt64(number), code: code) }
                }
                #expect(await seen.next() == UInt64(number))
            }
            watcher.cancel()
            #expect(await seen.next() == nil)
            try await watcher.value
            // Whoever was busy meanwhile gets the last number only.
            #expect(try await changes.next() == 20)
        }
    }

    @Test func commitsOfAnotherProcessAreFoundByLooking() async throws {
        try await Self.shared.with { store, _ in
            var changes = store.changes(after: 0, lookingEvery: .milliseconds(5)).makeAsyncIterator()
            await #expect(processExitsWith: .success) {
                try ChangesTests.insertIntoTheStoreOfTheParent()
            }
            let number = try await changes.next()
            let isThere = try await store.read { try $0.contains(7) }
            #expect(number == 1 && isThere)
        }
    }

    @Test func aKnownCommitIsNotToldAgain() async throws {
        try await Self.shared.with { store, _ in
            try await store.write { try $0.setAttribute([1], forKey: "a") }
            var changes = store.changes(after: 1, lookingEvery: Self.never).makeAsyncIterator()
            // Of another collection, and of nothing.
            let other = try await Store.create(at: store.path, collection: "other", bitWidth: 8)
            try await other.write { try $0.setAttribute([2], forKey: "b") }
            try await store.write { _ in }
            try await store.write { try $0.setAttribute([2], forKey: "a") }
            #expect(try await changes.next() == 2)
        }
    }

    /// With the contents of a store that has as many commits comes the same number.
    @Test(arguments: [false, true])
    func whatIsReplacedUnderTheSameNumberIsTold(recordsBefore: Bool) async throws {
        try await Self.shared.with { store, _ in
            let leader = try Store.temporary(bitWidth: 64)
            try await leader.recordChanges()
            if recordsBefore { try await store.recordChanges() }
            for (owner, id) in [(store, 2), (leader, 1)] as [(Store, UInt64)] {
                try await owner.write { try $0.insert(id, code: BinaryCode(zeros: 64)) }
            }
            let (told, watcher) = watch(store, lookingEvery: Self.never)
            var numbers = told.makeAsyncIterator()
            #expect(await numbers.next() == 1)
            let pieces = try await leader.read { snapshot in
                var pieces: [[UInt8]] = []
                try snapshot.ship(after: nil) { pieces.append($0) }
                return pieces
            }
            let rest = Mutex(pieces[...])
            try await store.receive(replacing: true) { rest.withLock { $0.popFirst() } }
            #expect(await numbers.next() == 1)
            let (number, largestID) = try await store.read { ($0.commitNumber, $0.largestID) }
            #expect(number == 1 && largestID == 1)
            watcher.cancel()
        }
    }

    /// It has as many commits, and LMDB's numbers of them are the same too.
    @Test func anotherFileOfTheNameIsTold() async throws {
        try await Self.shared.with { store, path in
            try await store.write { try $0.insert(1, code: BinaryCode(zeros: 64)) }
            let (told, watcher) = watch(store, lookingEvery: .milliseconds(5))
            var numbers = told.makeAsyncIterator()
            #expect(await numbers.next() == 1)
            let other = path + "-other"
            try Self.makeStore(other, id: 2)
            unlink(other + "-lock")
            #expect(rename(other, path) == 0)
            #expect(await numbers.next() == 1)
            let isThere = try await store.read { try $0.contains(2) }
            #expect(isThere)
            watcher.cancel()
        }
    }

    @Test func aCancelledLoopEndsWhileItWaits() async throws {
        try await Self.shared.with { store, _ in
            let task = Task {
                var numbers: [UInt64] = []
                for try await number in store.changes(lookingEvery: Self.never) { numbers.append(number) }
                return numbers
            }
            try await Task.sleep(for: .milliseconds(30))
            task.cancel()
            #expect(try await [[], [0]].contains(task.value))
        }
    }

    /// No interval is too short or too long to wait for.
    @Test(arguments: [Duration.zero, .seconds(-5), .seconds(Int64.max)])
    func anyIntervalWillDo(interval: Duration) async throws {
        try await Self.shared.with { store, _ in
            let next = Task {
                var changes = store.changes(after: 0, lookingEvery: interval).makeAsyncIterator()
                return try await changes.next()
            }
            try await Task.sleep(for: .milliseconds(20))
            try await store.write { try $0.insert(1, code: BinaryCode(zeros: 64)) }
            #expect(try await next.value == 1)
        }
    }

    private final class Count: Sendable { let value = Atomic(0) }

    /// Where all threads for searches are taken it waits, and so does not look on a thread of tasks.
    @Test func itLooksOnAThreadForSearches() async throws {
        try await Self.shared.with { store, _ in
            let code = try BinaryCode(zeros: 64)
            try await store.write { try $0.insert(1, code: code) }
            let gate = DispatchSemaphore(value: 0)
            let isTold = Atomic(false)
            let reading = Count()
            let waiting = ItemFilter.matching { _ in
                reading.value.add(1, ordering: .relaxed)
                return gate.wait(timeout: .now() + 60) == .success
            }
            let readers = (0..<coreCount).map { _ in
                Task { try await store.nearest(to: code, count: 1, among: waiting) }
            }
            while reading.value.load(ordering: .relaxed) < coreCount { try await Task.sleep(for: .milliseconds(1)) }
            let first = Task {
                var changes = store.changes().makeAsyncIterator()
                let number = try await changes.next()
                isTold.store(true, ordering: .relaxed)
                return number
            }
            try await Task.sleep(for: .milliseconds(50))
            let wasTold = isTold.load(ordering: .relaxed)
            #expect(!wasTold)
            for _ in readers { gate.signal() }
            #expect(try await first.value == 1)
            for reader in readers { #expect(try await reader.value.map(\.id) == [1]) }
        }
    }

    /// The numbers that a loop of its own is told. It ends after a while, so that what never comes is a failure.
    private func watch(
        _ store: Store, lookingEvery interval: Duration
    ) -> (AsyncStream<UInt64>, Task<Void, any Error>) {
        let (numbers, news) = AsyncStream.makeStream(of: UInt64.self)
        let watcher = Task {
            defer { news.finish() }
            for try await number in store.changes(lookingEvery: interval) { news.yield(number) }
        }
        Task {
            try? await Task.sleep(for: .seconds(20))
            watcher.cancel()
        }
        return (numbers, watcher)
    }

    /// A store of one commit, which is closed again.
    private static func makeStore(_ path: String, id: UInt64) throws {
        let store = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
        try store.write { try $0.insert(id, code: BinaryCode(zeros: 64)) }
    }

    private static func insertIntoTheStoreOfTheParent() throws {
        try shared.open().write { try $0.insert(7, code: BinaryCode(zeros: 64)) }
    }
}
