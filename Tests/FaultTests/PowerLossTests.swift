import Foundation
import HashDB
import StoreHistories
import TestSupport
import Testing

/// A loss of power, simulated: a history's writes are recorded once, and then the device is cut off at every one of them,
/// with none, some or all of what it was not yet told to keep.
@Suite struct PowerLossTests {
    @Test(arguments: [UInt64(21), 22, 23, 24, 25]) func nothingAcknowledgedIsLostAndNothingTornIsBelieved(
        seed: UInt64
    ) throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: seed, copies: true)
        let log = scratch.file("log")
        let steps = 25
        let outcome = try WriterProcess(
            scratch.file("s.hashdb"), history, from: 1, count: steps, synchronous: true, faults: ["RECORD": log],
            scratch: scratch
        ).finish()
        try #require(outcome.status == 0 && outcome.acknowledged == steps)

        var generator = SplitMix64(seed: seed)
        var image = DeviceImage()
        // What is written to take the file's place, and what took it although the device may not know yet.
        var copy = DeviceImage()
        var replacement: DeviceImage?
        var replacements = 0
        var acknowledged: Int?
        var expected = ExpectedStore(history)
        var directoryIsSafe = false
        var checked = 0
        let tried = scratch.file("tried.hashdb")
        func check(_ bytes: [UInt8], _ comment: String) throws {
            defer { scratch.removeStore(tried) }
            try Data(bytes).write(to: URL(fileURLWithPath: tried))
            do {
                let store = try Store.open(at: tried, options: history.options(synchronous: false))
                // The store may be a step ahead; the next image may be a step behind again.
                var here = expected
                try here.check(store, acknowledged: acknowledged ?? 0, comment)
                checked += 1
            } catch let error where acknowledged != nil {
                Issue.record("after step \(acknowledged ?? 0), \(comment): \(error)")
            } catch is HashDBError {
                // Not made yet.
            }
        }
        for (number, record) in try WriteRecord.all(of: log).enumerated() {
            if case .sync = record {
                for share in [0, 0.5, 0.9, 1] where image.hasPending {
                    try check(
                        image.afterPowerLoss(keeping: share, &generator), "before sync \(number) with \(share) of it")
                }
            } else if case .write(let offset, let bytes, true) = record {
                // Such a call is cut off like any other until it returns.
                var during = image
                during.apply(.write(offset: offset, bytes: bytes, isDurable: false))
                for share in [0, 0.5] {
                    try check(during.afterPowerLoss(keeping: share, &generator), "during the durable write \(number)")
                }
            }
            image.apply(record)
            switch record {
            case .ofCopy(let record): copy.apply(record)
            case .replaced:
                for share in [0, 0.5, 1] {
                    try check(copy.afterPowerLoss(keeping: share, &generator), "with \(share) of a copy in place")
                    try check(image.afterPowerLoss(keeping: share, &generator), "with \(share) of what it replaced")
                }
                replacement = copy
                copy = DeviceImage()
                replacements += 1
            case .write, .sync, .truncate: #expect(replacement == nil, "a write before the new file's name was safe")
            case .directorySync:
                directoryIsSafe = true
                if let new = replacement { image = new }
                replacement = nil
            case .acknowledged(let step):
                #expect(directoryIsSafe, "a store was acknowledged whose name could vanish")
                acknowledged = step
                expected.advance(to: step)
                for share in [0, 0.5, 1] {
                    try check(
                        image.afterPowerLoss(keeping: share, &generator), "after the acknowledgement with \(share)")
                }
            }
        }
        #expect(replacements > 0)
        #expect(checked > 5 * steps)
        print("history \(seed): \(checked) losses of power, nothing lost and nothing torn believed")
    }
}
