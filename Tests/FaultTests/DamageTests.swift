import Foundation
import HashDB
import LMDB
import StoreHistories
import TestSupport
import Testing

/// Whatever becomes of a file's bytes: nothing crashes, damage is found, and what is whole is saved.
@Suite struct DamageTests {
    /// The bytes of a store after some steps of a history, and what it holds.
    private static func makeStore(_ scratch: Scratch, seed: UInt64, steps: Int) throws -> ([UInt8], ExpectedStore) {
        let history = try StoreHistory(seed: seed)
        var expected = ExpectedStore(history)
        let path = scratch.file("whole.hashdb")
        do {
            let store = try Store.create(
                at: path, bitWidth: history.bitWidth, options: history.options(synchronous: false))
            for number in 1...steps { try history.perform(number, on: store) }
            expected.advance(to: steps)
        }
        return ([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), expected)
    }

    /// One or some changes to a file, of the kinds that broken memory, cables and programs make.
    private static func damage(_ bytes: [UInt8], _ generator: inout some RandomNumberGenerator) -> ([UInt8], String) {
        var bytes = bytes
        let pages = bytes.count / 4096
        let page = Int.random(in: 0..<pages, using: &generator)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0, 1:
            // In the header of a page, where it hurts most.
            let at = page * 4096 + Int.random(in: 0..<40, using: &generator)
            bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            return (bytes, "a bit of byte \(at)")
        case 2:
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[at] = UInt8.random(in: 0...255, using: &generator)
            return (bytes, "byte \(at)")
        case 3:
            bytes.replaceSubrange(page * 4096..<(page + 1) * 4096, with: repeatElement(0, count: 4096))
            return (bytes, "page \(page) zeroed")
        case 4:
            let other = Int.random(in: 0..<pages, using: &generator)
            let copy = Array(bytes[other * 4096..<(other + 1) * 4096])
            bytes.replaceSubrange(page * 4096..<(page + 1) * 4096, with: copy)
            return (bytes, "page \(page) is page \(other)")
        case 5:
            let length = Int.random(in: 0..<bytes.count, using: &generator)
            return (Array(bytes.prefix(length)), "cut off at \(length)")
        default:
            for _ in 0..<64 {
                let at = page * 4096 + Int.random(in: 0..<4096, using: &generator)
                bytes[at] = UInt8.random(in: 0...255, using: &generator)
            }
            return (bytes, "64 bytes of page \(page)")
        }
    }

    @Test(arguments: [UInt64(31), 32, 33, 34, 35]) func aWholeStoreHasNoDamage(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let (_, expected) = try Self.makeStore(scratch, seed: seed, steps: 40)
        let path = scratch.file("whole.hashdb")
        let problems = try PageFile.examine(path, within: .seconds(1)) { file in
            let walk = PageWalk(file)
            walk.checkAll()
            return walk.problems
        }
        #expect(problems == [])
        let reports = try Store.rebuild(path, to: scratch.file("new"))
        let report = try #require(reports.first)
        #expect(reports.count == 1 && report.losses == [])
        #expect(report.items == expected.model.items.count)
        #expect(report.attributes == expected.model.attributes.count)
        let isWhole = try StoreModel(readingAllOf: Store.open(at: scratch.file("new"))) == expected.model
        #expect(isWhole)
    }

    @Test func everyCollectionIsRebuilt() throws {
        let scratch = try Scratch(inMemory: true)
        let (_, expected) = try Self.makeStore(scratch, seed: 36, steps: 20)
        let path = scratch.file("whole.hashdb")
        do {
            let other = try Store.create(at: path, collection: "other", bitWidth: 8)
            try other.write { try $0.insert(5, code: BinaryCode(hex: "a5"), payload: [1]) }
        }
        let reports = try Store.rebuild(path, to: scratch.file("new"))
        #expect(reports.map(\.collection) == ["default", "other"])
        #expect(reports.map(\.items) == [expected.model.items.count, 1])
        #expect(reports.map(\.losses) == [[], []])
        let item = try Store.open(at: scratch.file("new"), collection: "other").read { try $0.item(5) }
        let code = try BinaryCode(hex: "a5")
        #expect(item == Item(id: 5, code: code, payload: [1]))
        // A collection that is lost is named.
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var named = 0
        for page in 0..<whole.count / 4096 {
            var bytes = whole
            bytes.replaceSubrange(page * 4096..<(page + 1) * 4096, with: repeatElement(0, count: 4096))
            let (damaged, rebuilt) = (scratch.file("d\(page)"), scratch.file("r\(page)"))
            defer { for path in [damaged, rebuilt] { scratch.removeStore(path) } }
            try Data(bytes).write(to: URL(fileURLWithPath: damaged))
            let found: [RebuildReport]
            do { found = try Store.rebuild(damaged, to: rebuilt) } catch is HashDBError { continue }
            let isWhole = found.map(\.items) == reports.map(\.items)
            let isNamed = found.contains { !$0.losses.isEmpty }
            #expect(isWhole || isNamed, "page \(page)")
            if !isWhole, isNamed { named += 1 }
        }
        #expect(named > 0)
    }

    /// If the pages are found right, LMDB can read them: this test ends with a crash if that is ever wrong.
    @Test(arguments: [UInt64(41), 42, 43, 44, 45, 46, 47, 48]) func damageIsFoundAndNeverBelieved(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let (whole, expected) = try Self.makeStore(scratch, seed: seed, steps: 30)
        var generator = SplitMix64(seed: seed)
        var (found, passed, saved) = (0, 0, 0)
        for trial in 0..<150 {
            let path = scratch.file("t\(trial)")
            defer {
                scratch.removeStore(path)
                scratch.removeStore(path + "-new")
            }
            let (bytes, change) = Self.damage(whole, &generator)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let problems: [PageProblem]
            do {
                problems = try PageFile.examine(path, within: .seconds(1)) { file in
                    let walk = PageWalk(file)
                    walk.checkAll()
                    return walk.problems
                }
            } catch is LMDBError {
                found += 1
                continue
            }
            if problems.isEmpty {
                do {
                    let isRight = try StoreModel(readingAllOf: Store.open(at: path)) == expected.model
                    #expect(isRight, "history \(seed): \(change)")
                    passed += 1
                } catch is HashDBError {
                    found += 1
                }
            } else {
                found += 1
            }
            // What is saved is what was there: no item that never was, and none with another's code.
            do {
                let report = try #require(Store.rebuild(path, to: path + "-new").first)
                let model = try StoreModel(readingAllOf: Store.open(at: path + "-new"))
                let hadTombstones = report.losses.contains { $0.contains("tombstones") || $0.contains("last commit") }
                if !hadTombstones {
                    for (id, item) in model.items {
                        let right = expected.model.items[id]
                        #expect(right?.code == item.code, "history \(seed): \(change): item \(id)")
                        let hasOwnPayload = item.payload == nil || item.payload == right?.payload
                        #expect(hasOwnPayload, "history \(seed): \(change): item \(id)")
                    }
                }
                let isWhole = model == expected.model
                #expect(isWhole || !report.losses.isEmpty, "history \(seed): \(change)")
                saved += 1
            } catch is HashDBError {}
        }
        print("history \(seed): \(found) damaged files found, \(passed) without effect, \(saved) rebuilt")
        #expect(found > 50 && passed > 0 && saved > 75, "\(found) found, \(passed) without effect, \(saved) saved")
    }
}
