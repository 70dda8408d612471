import Foundation
import HashDB
import StoreHistories
import Testing

/// A device that fails: an error that names the file, the store as of its last commit, and the next attempt of the same process succeeds.
@Suite struct DiskFaultTests {
    private static let steps = 12

    /// Calls that fail one after the other, and why.
    struct Fault: CustomTestStringConvertible, Sendable {
        let variable: String
        let count: Int
        let code: Int32
        var testDescription: String { "\(variable) \(count) × \(String(cString: strerror(code)))" }
    }

    /// A single failure lets LMDB undo the last write of a commit; two in a row keep it from that.
    static let faults = [
        Fault(variable: "FAIL", count: 1, code: EIO), Fault(variable: "FAIL", count: 2, code: EIO),
        Fault(variable: "FAIL", count: 1, code: ENOSPC), Fault(variable: "FAIL", count: 5, code: ENOSPC),
        Fault(variable: "SYNC", count: 1, code: EIO),
    ]

    /// Any call that writes the file, makes it longer or waits for the device fails, from the making of the store on.
    @Test(arguments: faults, [UInt64(401), 402]) func eachCallThatFails(fault: Fault, seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: seed, copies: true)
        // Some calls may fail without harm, such as to remove what a copy has left.
        var (call, unnoticed, failures) = (0, 0, 0)
        while unnoticed < 25, call < 2000 {
            call += 1
            let store = scratch.file("s.hashdb")
            defer { scratch.removeStore(store) }
            let outcome = try WriterProcess(
                store, history, from: 1, count: Self.steps, synchronous: true, retries: true,
                faults: [fault.variable: "\(call):\(fault.count):\(fault.code)"], scratch: scratch
            ).finish()
            #expect(outcome.status == 0 && outcome.acknowledged == Self.steps, "call \(call): \(outcome)")
            #expect(outcome.contradictions.isEmpty, "call \(call): \(outcome)")
            for failure in outcome.failures { #expect(failure.contains(store), "call \(call): \(failure)") }
            unnoticed = outcome.failures.isEmpty ? unnoticed + 1 : 0
            failures += outcome.failures.count
            var expected = ExpectedStore(history)
            try expected.check(Store.open(at: store), acknowledged: Self.steps, "call \(call)")
            #expect(try Store.damagedPages(at: store) == [], "call \(call)")
        }
        #expect(failures > Self.steps)
        print("history \(seed): \(fault.testDescription) from each of \(call) calls on, \(failures) errors, no harm")
    }
}
