import Foundation
import HashDB
import StoreHistories
import Testing

/// SIGKILL loses nothing that was acknowledged and leaves nothing half done.
@Suite struct KillTests {
    /// Kills of a usual run; ten times as many where HASHDB_LONG_TESTS is 1.
    static let histories: [UInt64] =
        ProcessInfo.processInfo.environment["HASHDB_LONG_TESTS"] == "1"
        ? Array(100..<300) : Array(100..<120)
    static let killsOfAHistory = 50

    /// At any moment: a store is written, killed, checked and written on.
    @Test(arguments: histories) func killedAtAnyMoment(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let store = scratch.file("s.hashdb")
        let history = try StoreHistory(seed: seed, copies: true)
        var expected = ExpectedStore(history)
        var generator = SystemRandomNumberGenerator()
        for kill in 0..<Self.killsOfAHistory {
            let writer = try WriterProcess(
                store, history, from: expected.step + 1, count: 100_000, synchronous: kill % 5 == 0, scratch: scratch)
            writer.waitUntilOpen()
            usleep(UInt32.random(in: 0..<12_000, using: &generator))
            writer.kill()
            let outcome = writer.finish()
            #expect(outcome.status == 128 + SIGKILL && outcome.failures.isEmpty, "\(outcome)")
            let acknowledged = max(outcome.acknowledged ?? 0, expected.step)
            try expected.check(
                Store.open(at: store, options: history.options(synchronous: false)), acknowledged: acknowledged,
                "kill \(kill) of history \(seed)")
            try expected.checkCopy(of: store, "kill \(kill) of history \(seed)")
        }
        try checkNothingRemains(of: store, scratch)
        #expect(expected.step > Self.killsOfAHistory / 5)
        print("history \(seed): \(Self.killsOfAHistory) kills at any moment, \(expected.step) steps, nothing lost")
    }

    /// Right before each call that writes the file or waits for the device, from the making of the store on.
    @Test(arguments: [UInt64(1), 2, 3, 4]) func killedBeforeEachWrite(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: seed, copies: true)
        let steps = 12
        for call in 1..<10_000 {
            let store = scratch.file("s\(call).hashdb")
            defer { scratch.removeStore(store) }
            let outcome = try WriterProcess(
                store, history, from: 1, count: steps, synchronous: true, faults: ["KILL": "\(call)"], scratch: scratch
            ).finish()
            var expected = ExpectedStore(history)
            if outcome.status == 0 {
                #expect(outcome.acknowledged == steps)
                #expect(call > 5 * steps)
                print("history \(seed): killed before each of \(call - 1) calls, nothing lost")
                return
            }
            #expect(outcome.status == 128 + SIGKILL)
            guard let acknowledged = outcome.acknowledged else {
                // A store that was never made may be there in part; it says so, and a new one can be made.
                continue
            }
            let options = history.options(synchronous: false)
            var opened: Store? = nil
            try expected.check(
                Store.open(at: store, options: options), acknowledged: acknowledged,
                "killed before call \(call) of history \(seed)")
            try expected.checkCopy(of: store, "killed before call \(call) of history \(seed)")
            // Whoever writes next clears away what is left, and goes on.
            try history.perform(expected.step + 1, on: &opened, at: store, options: options)
            opened = nil
            try expected.check(
                Store.open(at: store, options: options), acknowledged: expected.step + 1,
                "after call \(call) of history \(seed)")
            try checkNothingRemains(of: store, scratch)
        }
        Issue.record("the history did not come to its end")
    }

    /// The next copies are made although a killed process has left unfinished ones, and remove them.
    private func checkNothingRemains(of store: String, _ scratch: Scratch) throws {
        try Store.compact(store)
        let copy = StoreHistory.backupPath(of: store)
        unlink(copy)
        try Store.backup(store, to: copy)
        for path in [store, copy] { #expect(access(Scratch.unfinished(path), F_OK) != 0) }
    }
}
