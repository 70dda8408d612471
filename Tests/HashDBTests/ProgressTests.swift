import HashDB
import TestSupport
import Testing

/// Long work tells how far it is: never back, never beyond the end, and to the end.
struct ProgressTests {
    private struct Stop: Error {}

    private func check(_ steps: [(done: Int, total: Int)], _ name: String, reachesTotal: Bool = true) {
        #expect(steps.count > 1, "\(name): \(steps)")
        for (step, next) in zip(steps, steps.dropFirst()) {
            #expect(step.done <= next.done && step.total == next.total, "\(name): \(step), \(next)")
        }
        if let last = steps.last {
            #expect(reachesTotal ? last.done == last.total : last.done <= last.total, "\(name): \(last)")
        }
    }

    @Test func verificationAndRebuildingTellHowFarTheyAre() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            var generator = SplitMix64(seed: 9)
            let codes = try Distribution.uniform.codes(200_000, bitWidth: 64, &generator)
            do {
                let store = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
                try store.bulkLoad { loader in
                    for (id, code) in codes.enumerated() { try loader.append(id: UInt64(id), code: code) }
                }
                try store.write { transaction in
                    for id in 0..<5000 as Range<UInt64> {
                        try transaction.setPayload([UInt8](repeating: 1, count: 300), of: id)
                    }
                }
                var steps: [(done: Int, total: Int)] = []
                try store.read { try $0.checkInvariants { steps.append(($0, $1)) } }
                check(steps, "the check")
                #expect(throws: Stop.self) { try store.read { try $0.checkInvariants { _, _ in throw Stop() } } }
            }
            let bytes = Steps()
            #expect(try Store.damagedPages(at: path) { bytes.all.append(($0, $1)) } == [])
            check(bytes.all, "the pages", reachesTotal: false)

            // The codes, then the payloads.
            var steps: [(done: Int, total: Int)] = []
            _ = try Store.rebuild(path, to: directory + "/new.hashdb") { steps.append(($0, $1)) }
            let payloads = steps.indices.dropFirst().first { steps[$0].done < steps[$0 - 1].done } ?? steps.endIndex
            check(Array(steps[..<payloads]), "the codes")
            check(Array(steps[payloads...]), "the payloads", reachesTotal: false)
            #expect(steps.last?.done == 5000)

            // What ends it leaves nothing.
            let ended = directory + "/ended.hashdb"
            #expect(throws: Stop.self) { _ = try Store.rebuild(path, to: ended) { _, _ in throw Stop() } }
            #expect(throws: HashDBError.storeNotFound(path: ended)) { try Store.open(at: ended) }
        }
    }

    private final class Steps {
        var all: [(done: Int, total: Int)] = []
    }
}
