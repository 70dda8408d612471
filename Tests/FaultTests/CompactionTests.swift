import Foundation
import HashDB
import StoreHistories
import Testing

/// A store that is compacted while other processes have it open: writers lose nothing, readers see one commit after the other.
@Suite struct CompactionTests {
    /// The first step from one number to another after which the store holds this; nil if it is none of them.
    private func step(of found: StoreModel, _ expected: inout ExpectedStore, upTo last: Int) -> Int? {
        while found != expected.model, expected.step < last { expected.advance(to: expected.step + 1) }
        return found == expected.model ? expected.step : nil
    }

    /// A process writes on and on; another compacts the store on and on, and is killed at any moment.
    @Test(arguments: [UInt64(301), 302, 303]) func aWriterLosesNothingWhileAnotherProcessCompacts(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: seed)
        let path = scratch.file("s.hashdb")
        let writer = try WriterProcess(path, history, from: 1, count: 100_000, synchronous: false, scratch: scratch)
        writer.waitUntilOpen()
        var generator = SystemRandomNumberGenerator()
        var compactions = 0
        for _ in 0..<25 {
            let compactor = try WriterProcess(compacting: path, scratch: scratch)
            compactor.waitUntil(acknowledged: Int.random(in: 0..<4, using: &generator))
            usleep(UInt32.random(in: 0..<10_000, using: &generator))
            compactor.kill()
            let outcome = compactor.finish()
            #expect(outcome.status == 128 + SIGKILL && outcome.failures.isEmpty, "\(outcome)")
            compactions += outcome.acknowledged ?? 0
        }
        let before = writer.acknowledged ?? 0
        // It goes on by itself.
        let deadline = ContinuousClock.now + .seconds(20)
        while writer.acknowledged ?? 0 < before + 10, ContinuousClock.now < deadline { usleep(2000) }
        writer.kill()
        let outcome = writer.finish()
        #expect(outcome.failures.isEmpty && outcome.acknowledged ?? 0 >= before + 10, "\(outcome)")
        var expected = ExpectedStore(history)
        try expected.check(Store.open(at: path), acknowledged: outcome.acknowledged ?? 0, "history \(seed)")
        #expect(try Store.damagedPages(at: path) == [])
        print("history \(seed): \(compactions) compactions and 25 kills beside \(expected.step) steps, nothing lost")
        #expect(compactions > 10 && expected.step > 20)
    }

    /// Another process writes and compacts; each snapshot of this one is what a step has left, and none is older than the one before.
    @Test(arguments: [UInt64(311), 312]) func readersSeeOneStepAfterTheOther(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: seed, copies: true)
        let path = scratch.file("s.hashdb")
        let writer = try WriterProcess(path, history, from: 1, count: 100_000, synchronous: false, scratch: scratch)
        writer.waitUntilOpen()
        let store = try Store.open(at: path, access: .readOnly)
        var expected = ExpectedStore(history)
        var steps: Set<Int> = []
        var snapshots = 0
        let deadline = ContinuousClock.now + .seconds(4)
        while ContinuousClock.now < deadline {
            let first = writer.acknowledged ?? 0
            let found = try StoreModel(readingAllOf: store)
            let last = (writer.acknowledged ?? 0) + 1
            // What was acknowledged before is seen; steps that change nothing look like the one before.
            expected.advance(to: max(first, expected.step))
            guard let step = step(of: found, &expected, upTo: last) else {
                Issue.record("snapshot \(snapshots) is no step from \(first) to \(last)")
                break
            }
            steps.insert(step)
            snapshots += 1
        }
        writer.kill()
        let outcome = writer.finish()
        let compactions = (1...max(1, outcome.acknowledged ?? 1)).count { history.step($0).isCompaction }
        #expect(outcome.failures.isEmpty && compactions > 3 && steps.count > 10, "\(outcome), \(steps.count) steps")
        print("history \(seed): \(snapshots) snapshots of \(steps.count) steps beside \(compactions) compactions")
    }

    /// A snapshot stays what it was while the store is compacted and changed beneath it.
    @Test(arguments: [UInt64(321), 322]) func aSnapshotOutlastsCompactions(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: seed, copies: true)
        let path = scratch.file("s.hashdb")
        let options = history.options(synchronous: false)
        var expected = ExpectedStore(history)
        func write(from first: Int, count: Int) throws {
            let outcome = try WriterProcess(
                path, history, from: first, count: count, synchronous: false, scratch: scratch
            )
            .finish()
            try #require(outcome.status == 0 && outcome.acknowledged == first + count - 1, "\(outcome)")
        }
        try write(from: 1, count: 20)
        expected.advance(to: 20)
        let store = try Store.open(at: path, options: options)
        try store.read { snapshot in
            try write(from: 21, count: 40)
            let isSame = try StoreModel(readingAllOf: snapshot) == expected.model
            #expect(isSame)
        }
        expected.advance(to: 60)
        var isSame = try StoreModel(readingAllOf: store) == expected.model
        #expect(isSame)
        // This process writes the new file, and not the one that it had open.
        try history.perform(history.nextChange(after: 60), on: store)
        try Store.compact(path, options: options)
        try history.perform(history.nextChange(after: 70), on: store)
        let written = try StoreModel(readingAllOf: store)
        for number in [history.nextChange(after: 60), history.nextChange(after: 70)] {
            expected.apply(number)
        }
        isSame = written == expected.model
        #expect(isSame)
        let outcome = try WriterProcess(path, history, from: 1, count: 1, synchronous: false, scratch: scratch).finish()
        #expect(outcome.status == 0)
        expected.apply(1)
        isSame = try StoreModel(readingAllOf: store) == expected.model
        #expect(isSame)
    }

    /// A writer that waits while the store is compacted writes the new file.
    @Test func whoWaitsForACompactionWritesTheNewFile() throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: 331)
        let path = scratch.file("s.hashdb")
        let options = history.options(synchronous: false)
        var expected = ExpectedStore(history)
        var writers: [WriterProcess] = []
        do {
            let store = try Store.create(at: path, bitWidth: history.bitWidth, options: options)
            for number in 1...10 { try history.perform(number, on: store) }
        }
        expected.advance(to: 10)
        var isWriting = false
        try Store.compact(path, options: options) { _, _ in
            // The other process has opened the old file, and waits for its lock.
            if isWriting { return }
            isWriting = true
            writers.append(
                try WriterProcess(path, history, from: 11, count: 5, synchronous: false, scratch: scratch))
            writers[0].waitUntilOpen()
            usleep(50_000)
        }
        let outcome = try #require(writers.first).finish()
        #expect(outcome.status == 0 && outcome.acknowledged == 15, "\(outcome)")
        try expected.check(Store.open(at: path), acknowledged: 15, "after the compaction")
    }
}

extension StoreHistory.Step {
    fileprivate var isCompaction: Bool { if case .compact = self { true } else { false } }
}

extension StoreHistory {
    /// The number of the next step that is a transaction.
    fileprivate func nextChange(after number: Int) -> Int {
        var next = number + 1
        while true {
            if case .change = step(next) { return next }
            next += 1
        }
    }
}
