import Foundation
import HashDB
import TestSupport
import Testing

/// The format must not change by accident: a store that version 2 wrote is opened, searched and changed.
struct GoldenTests {
    private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Golden/version2.store")

    /// What the store holds: consecutive ids with buckets, a delta with a deletion, payloads, attributes, tombstones.
    private static func fill(_ store: Store) throws -> [UInt64: Item] {
        var generator = SplitMix64(seed: 20_261_124)
        let codes = try Distribution.clustered.codes(4100, bitWidth: 16, &generator)
        try store.bulkLoad { try $0.append(packedCodes: codes.flatMap(\.bytes)) }
        var items: [UInt64: Item] = [:]
        for (i, code) in codes.enumerated() { items[UInt64(i)] = Item(id: UInt64(i), code: code) }
        try store.write { transaction in
            for id: UInt64 in [3, 5, 4099] {
                try transaction.delete(id)
                items[id] = nil
            }
            for id: UInt64 in [7, 9000, 9002] {
                try transaction.upsert(id, code: codes[0], payload: Array("item \(id)".utf8))
                items[id] = Item(id: id, code: codes[0], payload: Array("item \(id)".utf8))
            }
            try transaction.setAttribute([1, 2, 3], forKey: "a key")
        }
        #expect(try store.write { try $0.delete(9000) })
        items[9000] = nil
        return items
    }

    private static func check(_ store: Store, _ items: [UInt64: Item]) throws {
        try store.read { snapshot in
            try snapshot.checkInvariants()
            var found: [Item] = []
            try snapshot.forEachItem {
                found.append($0)
                return true
            }
            #expect(found == items.values.sorted { $0.id < $1.id })
            #expect(try snapshot.attribute("a key") == [1, 2, 3])
            #expect(snapshot.model == ModelIdentity(name: "golden", fingerprint: "feed"))
            let query = try BinaryCode(hex: "1234")
            let truth = bruteForce(items.mapValues(\.code), query)
            for plan in QueryPlan.allCases {
                #expect(try snapshot.nearest(to: query, count: 20, plan: plan) == Array(truth.prefix(20)))
            }
        }
    }

    @Test func aStoreOfVersion2OpensAnswersAndTakesChanges() throws {
        try withTemporaryDirectory { directory in
            let model = ModelIdentity(name: "golden", fingerprint: "feed")
            let fresh = try Store.create(at: directory + "/fresh", bitWidth: 16, model: model, options: .unsynchronised)
            let items = try Self.fill(fresh)
            try Self.check(fresh, items)
            let path = directory + "/golden"
            try FileManager.default.copyItem(at: Self.golden, to: URL(fileURLWithPath: path))
            let store = try Store.open(at: path, options: .unsynchronised)
            try Self.check(store, items)
            try store.fold()
            try Self.check(store, items)
        }
    }

    /// A file that knew nothing of collections takes some, and what it held stays the default one.
    @Test func aStoreOfVersion2TakesCollections() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/golden"
            try FileManager.default.copyItem(at: Self.golden, to: URL(fileURLWithPath: path))
            let fresh = try Store.create(at: directory + "/fresh", bitWidth: 16, options: .unsynchronised)
            let items = try Self.fill(fresh)
            #expect(try Store.collections(at: path).map(\.name) == ["default"])
            let other = try Store.create(at: path, collection: "other", bitWidth: 16, options: .unsynchronised)
            try other.bulkLoad { try $0.append(packedCodes: [UInt8](repeating: 3, count: 20_000)) }
            try Store.open(at: path, options: .unsynchronised).fold()
            try Self.check(try Store.open(at: path), items)
            try Store.removeCollection("other", at: path)
            try Self.check(try Store.open(at: path), items)
        }
    }

    /// Writes the golden file anew, where asked to: only when the version of the format has changed.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["HASHDB_WRITE_GOLDEN"] != nil))
    func writeGolden() throws {
        try withTemporaryDirectory { directory in
            do {
                let model = ModelIdentity(name: "golden", fingerprint: "feed")
                _ = try Self.fill(try Store.create(at: directory + "/golden", bitWidth: 16, model: model))
            }
            try? FileManager.default.removeItem(at: Self.golden)
            try FileManager.default.copyItem(at: URL(fileURLWithPath: directory + "/golden"), to: Self.golden)
        }
    }

    /// The same contents give the same bytes of the blocks that have pages of their own, but for what LMDB leaves in unused parts of pages.
    @Test func rowsFencesAndBucketsOfVersion2AreStillWrittenByteForByte() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/fresh"
            do {
                let model = ModelIdentity(name: "golden", fingerprint: "feed")
                _ = try Self.fill(try Store.create(at: path, bitWidth: 16, model: model, options: .unsynchronised))
            }
            let fresh = try Data(contentsOf: URL(fileURLWithPath: path))
            let golden = try Data(contentsOf: Self.golden)
            for kind in ["ROWS", "FNCE", "BKTS"] {
                let blocks = { (data: Data) in
                    Set(
                        (0..<data.count / 4096).map { $0 * 4096 + 16 }.filter {
                            // Only pages of values that have pages of their own (P_OVERFLOW): others hold what was there before.
                            data[$0 - 6] & 4 == 4 && data[$0 + 8..<$0 + 12] == Data(kind.utf8)
                        }.map { data[$0..<$0 + 4080] })
                }
                #expect(!blocks(golden).isEmpty && blocks(fresh) == blocks(golden), "\(kind)")
            }
        }
    }
}
