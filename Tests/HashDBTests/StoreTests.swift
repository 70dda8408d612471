import Foundation
import HashDB
import TestSupport
import Testing

struct StoreTests {
    private let code = try? BinaryCode(hex: "0011223344556677")

    @Test func aNewStoreKeepsItsWidthAndModel() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let model = ModelIdentity(name: "a model", fingerprint: "0123")
            let store = try Store.create(at: path, bitWidth: 128, model: model, options: .unsynchronised)
            #expect(store.bitWidth == 128 && store.model == model)
            let again = try Store.open(at: path, access: .readOnly)
            #expect(again.bitWidth == 128 && again.model == model)
            #expect(try again.count == 0)
            #expect(try again.nearest(to: BinaryCode(zeros: 128), count: 3) == [])
            #expect(try again.within(radius: 128, of: BinaryCode(zeros: 128)) == [])
            #expect(try again.read { try $0.statistics(occupancy: true).bytesPerCode } == 0)
        }
    }

    @Test func whatCannotBeOpenedSaysWhy() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            #expect(throws: HashDBError.storeNotFound(path: path)) { try Store.open(at: path) }
            #expect(throws: HashDBError.invalidWidth(12)) { try Store.create(at: path, bitWidth: 12) }
            #expect(!FileManager.default.fileExists(atPath: path))
            _ = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
            #expect(throws: HashDBError.storeExists(path: path)) { try Store.create(at: path, bitWidth: 64) }
            let nowhere = directory + "/no/s"
            let error = HashDBError.system(path: nowhere, code: 2, reason: "there is no such directory")
            #expect(throws: error) {
                try Store.create(at: nowhere, bitWidth: 64)
            }
            let long = ModelIdentity(name: String(repeating: "n", count: 2000), fingerprint: "")
            #expect { try Store.create(at: directory + "/l", bitWidth: 64, model: long) } throws: {
                "\($0)".contains("too long")
            }
            let text = directory + "/notes.txt"
            try String(repeating: "no store at all ", count: 2000).write(
                toFile: text, atomically: true, encoding: .utf8)
            #expect { try Store.open(at: text) } throws: { error in
                if case HashDBError.notAStore(text, _) = error { true } else { false }
            }
            #expect { try Store.open(at: directory) } throws: { $0 is HashDBError }
            let empty = directory + "/empty"
            try Data().write(to: URL(fileURLWithPath: empty))
            #expect(throws: HashDBError.notAStore(path: empty, reason: "it is empty")) { try Store.open(at: empty) }
            #expect(throws: HashDBError.storeExists(path: empty)) { try Store.create(at: empty, bitWidth: 64) }
            // What is not a store is left as it was.
            #expect(try Data(contentsOf: URL(fileURLWithPath: empty)).isEmpty)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(names == ["empty", "notes.txt", "s.hashdb", "s.hashdb-lock"])
        }
    }

    @Test func queriesThatMakeNoSenseAreRefused() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let code = try #require(code)
            let wide = try BinaryCode(zeros: 72)
            #expect(throws: HashDBError.invalidCount(0)) { try store.nearest(to: code, count: 0) }
            #expect(throws: HashDBError.invalidCount(-1)) { try store.nearest(to: code, count: -1) }
            #expect(throws: HashDBError.invalidRadius(-1)) { try store.within(radius: -1, of: code) }
            let mismatch = HashDBError.codeWidthMismatch(expected: 64, found: 72)
            #expect(throws: mismatch) { try store.nearest(to: wide, count: 1) }
            #expect(throws: mismatch) { try store.within(radius: 1, of: wide) }
            #expect(throws: mismatch) { try store.write { try $0.insert(1, code: wide) } }
            #expect(throws: mismatch) { try store.bulkLoad { try $0.append(id: 1, code: wide) } }
            #expect(throws: HashDBError.countMismatch(ids: 1, codes: 2)) {
                try store.bulkLoad { try $0.append(ids: [1], packedCodes: [UInt8](repeating: 0, count: 16)) }
            }
            for ids in [nil, [1]] as [[UInt64]?] {
                let error = HashDBError.incompleteCode(bytes: 11, bytesPerCode: 8)
                #expect(throws: error) {
                    try store.bulkLoad { try $0.append(ids: ids, packedCodes: [UInt8](repeating: 0, count: 11)) }
                }
                #expect("\(error)".hasPrefix("11 bytes of packed codes: the store's codes have 8 bytes each"))
            }
            #expect(throws: HashDBError.invalidCount(0)) { try store.nearest(to: code, count: 0, within: 3) }
            #expect(throws: HashDBError.invalidRadius(-1)) { try store.nearest(to: code, count: 1, within: -1) }
            #expect(throws: mismatch) { try store.nearest(to: wide, count: 1, within: 3) }
            #expect(try store.nearest(to: code, count: .max, within: .max) == [])
            #expect(try store.nearest(to: code, count: .max) == [])
            #expect(try store.within(radius: .max, of: code) == [])
        }
    }

    @Test func beyondAllItemsAndAllBitsEverythingIsFound() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            var generator = SplitMix64(seed: 5)
            let codes = try Distribution.uniform.codes(5000, bitWidth: 64, &generator)
            try store.bulkLoad { try $0.append(packedCodes: codes[..<4900].flatMap(\.bytes)) }
            try store.write { transaction in for code in codes[4900...] { _ = try transaction.insert(code: code) } }
            let all = codes.indices.map { Match(id: UInt64($0), distance: codes[$0].hammingDistance(to: codes[7])) }
                .sorted()
            for plan in QueryPlan.allCases {
                for count in [5000, 5001, .max] {
                    #expect(try store.nearest(to: codes[7], count: count, plan: plan) == all)
                }
                for radius in [64, 65, .max] {
                    #expect(try store.within(radius: radius, of: codes[7], plan: plan) == all)
                }
            }
        }
    }

    @Test func aReadOnlyStoreRefusesWrites() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            _ = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
            let store = try Store.open(at: path, access: .readOnly)
            let error = HashDBError.readOnly(path: path)
            #expect(throws: error) { try store.write { try $0.setAttribute([1], forKey: "a") } }
            #expect(throws: error) { try store.bulkLoad { _ in } }
            #expect(throws: error) { try store.fold() }
        }
    }

    @Test func idsGoOnFromTheLargestEverUsed() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let code = try #require(code)
            #expect(try store.write { try $0.insert(code: code) } == 0)
            #expect(try store.write { try $0.insert(code: code) } == 1)
            #expect(try store.write { try $0.delete(1) })
            #expect(try store.write { try $0.insert(code: code) } == 2)
            try store.bulkLoad { try $0.append(packedCodes: code.bytes + code.bytes) }
            #expect(try store.read { $0.largestID } == 4)
            try store.write { try $0.insert(.max, code: code) }
            #expect(throws: HashDBError.idsExhausted) { try store.write { _ = try $0.insert(code: code) } }
            #expect(throws: HashDBError.idsExhausted) { try store.bulkLoad { try $0.append(packedCodes: code.bytes) } }
            #expect(try store.count == 5)
            #expect(try store.nearest(to: code, count: 9).map(\.id) == [0, 2, 3, 4, .max])
        }
    }

    @Test func theLargestIDsAreLoadedFoldedAndRebuilt() throws {
        try withTemporaryDirectory { directory in
            let code = try #require(code)
            func check(_ store: Store, _ ids: [UInt64]) throws {
                try store.read { snapshot in
                    try snapshot.checkInvariants()
                    for plan in QueryPlan.allCases {
                        let found = try snapshot.nearest(to: code, count: 9, plan: plan)
                        #expect(found == ids.map { Match(id: $0, distance: 0) })
                    }
                    for id in ids { #expect(try snapshot.code(of: id) == code) }
                }
            }
            let (loaded, rebuilt) = (directory + "/loaded", directory + "/rebuilt")
            do {
                let store = try Store.create(at: loaded, bitWidth: 64, options: .unsynchronised)
                try store.bulkLoad { loader in
                    for id in [.max - 1, .max] as [UInt64] { try loader.append(id: id, code: code) }
                }
                try check(store, [.max - 1, .max])
            }
            #expect(try Store.rebuild(loaded, to: rebuilt, options: .unsynchronised).map(\.losses) == [[]])
            try check(Store.open(at: rebuilt, options: .unsynchronised), [.max - 1, .max])
            let folded = try Store.create(at: directory + "/folded", bitWidth: 64, options: .unsynchronised)
            try folded.write { try $0.insert(.max, code: code) }
            try folded.fold()
            try check(folded, [.max])
        }
    }

    @Test func attributesAreTransactional() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            try store.write { transaction in
                try transaction.setAttribute([1, 2], forKey: "root")
                #expect(try transaction.attribute("root") == [1, 2])
            }
            #expect(try store.read { try $0.attribute("root") } == [1, 2])
            try store.write { try $0.setAttribute(nil, forKey: "root") }
            #expect(try store.read { try $0.attribute("root") } == nil)
            let long = String(repeating: "x", count: 401)
            for key in ["", long] {
                let error = HashDBError.invalidName(key)
                #expect(throws: error) { try store.write { try $0.setAttribute([], forKey: key) } }
                #expect(throws: error) { try store.read { try $0.attribute(key) } }
            }
        }
    }

    @Test func aSnapshotSeesOneCommitWhateverComesAfter() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            var generator = SplitMix64(seed: 9)
            let codes = try Distribution.uniform.codes(30_000, bitWidth: 64, &generator)
            try store.bulkLoad { loader in for i in 0..<10_000 { try loader.append(id: UInt64(i), code: codes[i]) } }
            try store.read { snapshot in
                let before = try snapshot.nearest(to: codes[0], count: 50)
                try store.write { transaction in for match in before { try transaction.delete(match.id) } }
                try store.write { transaction in
                    for i in 10_000..<30_000 { try transaction.insert(UInt64(i), code: codes[i]) }
                }
                try store.fold()
                #expect(try snapshot.nearest(to: codes[0], count: 50) == before)
                #expect(snapshot.count == 10_000)
                try snapshot.checkInvariants()
            }
            #expect(try store.count == 29_950)
            #expect(try !store.nearest(to: codes[0], count: 50).contains { $0.id == 0 })
        }
    }

    @Test func growingWithinASnapshotIsRefusedRatherThanWaitedForForEver() throws {
        try withTemporaryDirectory { directory in
            var options = Store.Options.unsynchronised
            options.initialMapSize = 1 << 18
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: options)
            let large = [UInt8](repeating: 1, count: 1 << 19)
            _ = try store.read { _ in
                #expect { try store.write { try $0.setAttribute(large, forKey: "large") } } throws: {
                    "\($0)".contains("snapshot")
                }
            }
            try store.write { try $0.setAttribute(large, forKey: "large") }
            #expect(try store.read { try $0.attribute("large") } == large)
        }
    }

    @Test func readersInOtherThreadsSeeWholeTransactions() throws {
        try withTemporaryDirectory { directory in
            var options = Store.Options.unsynchronised
            options.initialMapSize = 1 << 18
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: options)
            let code = try #require(code)
            let finished = DispatchGroup()
            for _ in 0..<2 {
                DispatchQueue.global().async(group: finished) {
                    do {
                        var last = 0
                        while last < 50 * 1000 {
                            let found = try store.read { snapshot in
                                let all = try snapshot.within(radius: 0, of: code)
                                #expect(all.count == snapshot.count)
                                return snapshot.count
                            }
                            #expect(found % 1000 == 0 && found >= last)
                            last = found
                        }
                    } catch { Issue.record(error) }
                }
            }
            for _ in 0..<50 {
                try store.write { transaction in for _ in 0..<1000 { _ = try transaction.insert(code: code) } }
            }
            finished.wait()
            try store.read { try $0.checkInvariants() }
        }
    }

    @Test func aLoadThatThrowsLeavesNothing() throws {
        struct Stop: Error {}
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let code = try #require(code)
            #expect(throws: Stop.self) {
                try store.loading(runLength: 10) { loader in
                    for i in 0..<25 { try loader.append(id: UInt64(i), code: code) }
                    throw Stop()
                }
            }
            #expect(try store.count == 0)
            #expect(try store.write { try $0.insert(code: code) } == 0)
            try store.read { try $0.checkInvariants() }
        }
    }
}
