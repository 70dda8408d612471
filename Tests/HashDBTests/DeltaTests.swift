import Foundation
import HashDB
import TestSupport
import Testing

/// Small commits, which stay in the delta: what they add, replace and delete there, and what readers see of it.
struct DeltaTests {
    /// Beside a dictionary; with never so many items that they are folded.
    @Test(arguments: [(16, UInt64(1)), (64, 2), (64, 3), (256, 4), (1024, 5)])
    func manySmallCommitsDoWhatADictionaryDoes(bitWidth: Int, seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: bitWidth, options: .unsynchronised)
            var model: [UInt64: BinaryCode] = [:]
            for commit in 0..<60 {
                let codes = try Distribution.clustered.codes(
                    [1, 7, 300, 513][commit % 4], bitWidth: bitWidth, &generator)
                try store.write { transaction in
                    for code in codes { try change(&transaction, &model, code, &generator) }
                }
                try check(store, model, &generator)
            }
            #expect(try store.read { try $0.statistics().segments.isEmpty })
            try store.fold()
            try check(store, model, &generator)
        }
    }

    private func change(
        _ transaction: inout Transaction, _ model: inout [UInt64: BinaryCode], _ code: BinaryCode,
        _ generator: inout SplitMix64
    ) throws {
        // Most of these ids the store, or this very transaction, has or had; a few are beyond the largest.
        let id = UInt64.random(in: 0...(transaction.largestID ?? 0) + 20, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1:
            #expect(try transaction.delete(id) == (model.removeValue(forKey: id) != nil))
        case 2, 3:
            try transaction.upsert(id, code: code)
            model[id] = code
        case 4:
            // Deleted and back again, at once.
            let last = try transaction.insert(code: code)
            #expect(try transaction.delete(last))
            #expect(try !transaction.contains(last) && transaction.code(of: last) == nil)
            try transaction.insert(last, code: code, payload: [1])
            #expect(throws: HashDBError.duplicateID(last)) { try transaction.insert(last, code: code) }
            model[last] = code
        default:
            let new = try transaction.insert(code: code)
            #expect(model[new] == nil && transaction.largestID == new)
            model[new] = code
        }
        #expect(try transaction.code(of: id) == model[id])
        #expect(transaction.count == model.count)
    }

    private func check(_ store: Store, _ model: [UInt64: BinaryCode], _ generator: inout SplitMix64) throws {
        let query = try Distribution.uniform.codes(1, bitWidth: store.bitWidth, &generator)[0]
        try store.read { snapshot in
            try snapshot.checkInvariants()
            var items: [UInt64: BinaryCode] = [:]
            try snapshot.forEachItem(payloads: false) {
                items[$0.id] = $0.code
                return true
            }
            #expect(items == model && snapshot.count == model.count)
            for id in stride(from: UInt64(0), to: 6000, by: 60) {
                #expect(try snapshot.code(of: id) == model[id])
            }
            #expect(try snapshot.nearest(to: query, count: 5) == Array(bruteForce(model, query).prefix(5)))
        }
    }

    /// The delta has items in the order in which they came.
    @Test func ofEquallyFarItemsThoseOfTheSmallestIDsAreFound() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let (code, other) = try (BinaryCode(zeros: 64), BinaryCode(bytes: [UInt8](repeating: 255, count: 8)))
            for start in [3000, 2000, 1000, 0] as [UInt64] {
                try store.write { transaction in
                    for id in start..<start + 600 { try transaction.insert(id, code: id % 3 == 0 ? code : other) }
                }
            }
            let equal: [UInt64] = (0..<4000).filter { (id: UInt64) in id % 3 == 0 && id % 1000 < 600 }
            for count in [1, 10, 200, 201, 300, 800] {
                let found = try store.nearest(to: code, count: count)
                #expect(found.map(\.id) == Array(equal.prefix(count)))
                #expect(found.allSatisfy { $0.distance == 0 })
            }
        }
    }

    @Test func aSnapshotKeepsItsDeltaWhileItsBlocksAreWrittenAnew() throws {
        try withTemporaryDirectory { directory in
            var generator = SplitMix64(seed: 6)
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let codes = try Distribution.uniform.codes(3000, bitWidth: 64, &generator)
            try store.write { transaction in for code in codes { _ = try transaction.insert(code: code) } }
            let other = try BinaryCode(zeros: 64)
            try store.read { snapshot in
                for round in 0..<20 {
                    try store.write { transaction in
                        for id in stride(from: UInt64(round), to: 3000, by: 40) {
                            try transaction.upsert(id, code: other)
                        }
                        for id in stride(from: UInt64(round + 20), to: 3000, by: 40) { try transaction.delete(id) }
                        _ = try transaction.insert(code: other)
                    }
                    for id in stride(from: 0, to: 3000, by: 7) {
                        #expect(try snapshot.code(of: UInt64(id)) == codes[id])
                    }
                    try snapshot.checkInvariants()
                    try store.read { try $0.checkInvariants() }
                }
                #expect(snapshot.count == 3000)
            }
            #expect(try store.count == 1520)
            #expect(try store.within(radius: 0, of: other).count == 1520)
        }
    }

    @Test func aFlippedBitInTheDeltaIsReported() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            var generator = SplitMix64(seed: 7)
            let codes = try Distribution.uniform.codes(2000, bitWidth: 64, &generator)
            do {
                let store = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
                try store.write { transaction in for code in codes { _ = try transaction.insert(code: code) } }
            }
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            let blocks = (0..<good.count / 4096).map { $0 * 4096 + 16 }.filter {
                good[$0 + 8..<$0 + 12] == Data("DELT".utf8)
            }
            #expect(blocks.count == 4)
            for trial in 0..<20 {
                var bad = good
                bad[blocks[trial % 4] + Int.random(in: 0..<4080, using: &generator)] ^=
                    1 << UInt8.random(in: 0..<8, using: &generator)
                let copy = directory + "/copy\(trial)"
                try bad.write(to: URL(fileURLWithPath: copy))
                let store = try Store.open(at: copy, options: .unsynchronised)
                for change in [{ try $0.delete(5) }, { try $0.contains(5) }] as [(inout Transaction) throws -> Bool] {
                    #expect { try store.write(change) } throws: { error in
                        if case HashDBError.damaged(copy, let part, _) = error { part.contains("delta") } else { false }
                    }
                }
            }
        }
    }
}
