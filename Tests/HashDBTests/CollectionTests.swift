import Foundation
import HashDB
import TestSupport
import Testing

struct CollectionTests {
    private func withStore(_ body: (String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let store = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
            try store.write { try $0.insert(1, code: BinaryCode(hex: "0123456789abcdef")) }
            try body(path)
        }
    }

    private func create(_ name: String, at path: String, bitWidth: Int = 48) throws -> Store {
        try Store.create(at: path, collection: name, bitWidth: bitWidth, options: .unsynchronised)
    }

    @Test func namesFollowTheRule() {
        for name in ["a", "0", "pdq", "photo-64", "a.b_c-d", String(repeating: "x", count: 40), "default", "meta"] {
            #expect(Store.isCollectionName(name), "\(name)")
        }
        for name in ["", "A", "a/b", "-a", ".a", "_a", "a b", "ä", String(repeating: "x", count: 41), "a\0"] {
            #expect(!Store.isCollectionName(name), "\(name)")
            #expect(throws: HashDBError.invalidCollectionName(name)) {
                try Store.create(at: "/nonexistent/s", collection: name, bitWidth: 64)
            }
            #expect(throws: HashDBError.invalidCollectionName(name)) { try Store.open(at: "/x", collection: name) }
        }
    }

    @Test func aCollectionIsMadeOnceAndFoundByItsName() throws {
        try withStore { path in
            let store = try create("pdq", at: path, bitWidth: 256)
            #expect(store.collection == "pdq" && store.bitWidth == 256 && store.path == path)
            #expect(try Store.open(at: path, options: .unsynchronised).collection == "default")
            #expect(throws: HashDBError.collectionExists(path: path, name: "pdq")) { try create("pdq", at: path) }
            #expect(throws: HashDBError.storeExists(path: path)) { try create("default", at: path) }
            #expect(throws: HashDBError.unknownCollection(path: path, name: "x", existing: ["default", "pdq"])) {
                try Store.open(at: path, collection: "x", options: .unsynchronised)
            }
            #expect(throws: HashDBError.codeWidthMismatch(expected: 256, found: 64)) {
                _ = try store.write { try $0.insert(code: BinaryCode(hex: "0123456789abcdef")) }
            }
            #expect(try store.count == 0)
        }
    }

    /// A file need not have the default collection, and may get it later.
    @Test func aFileMayBeginWithANamedCollection() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            _ = try create("pdq", at: path)
            #expect(throws: HashDBError.unknownCollection(path: path, name: "default", existing: ["pdq"])) {
                try Store.open(at: path)
            }
            #expect(throws: HashDBError.onlyCollection(path: path, name: "pdq")) {
                try Store.removeCollection("pdq", at: path)
            }
            let store = try create("default", at: path)
            #expect(try store.count == 0)
            try Store.removeCollection("pdq", at: path)
            #expect(try Store.collections(at: path).map(\.name) == ["default"])
        }
    }

    @Test func otherFilesAreLeftAlone() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/text"
            try "no store".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(throws: HashDBError.storeExists(path: path)) { try create("pdq", at: path) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "no store")
            #expect(throws: HashDBError.storeNotFound(path: directory + "/none")) {
                try Store.collections(at: directory + "/none")
            }
        }
    }

    @Test func removalFreesTheSpace() throws {
        try withStore { path in
            func fill(_ name: String) throws -> Int {
                var generator = SplitMix64(seed: 7)
                let store = try create(name, at: path, bitWidth: 256)
                let codes = try Distribution.uniform.codes(20_000, bitWidth: 256, &generator)
                try store.bulkLoad { try $0.append(packedCodes: codes.flatMap(\.bytes)) }
                let statistics = try store.read { try $0.statistics() }
                #expect(statistics.collection == name && statistics.collections == 2)
                #expect(statistics.collectionBytes > 20_000 * 32 && statistics.collectionBytes < statistics.fileBytes)
                return statistics.fileBytes
            }
            let first = try fill("a")
            for name in ["b", "c", "d", "a"] {
                try Store.removeCollection(name == "b" ? "a" : ["c": "b", "d": "c", "a": "d"][name] ?? "", at: path)
                #expect(try fill(name) < first + first / 4)
            }
            let store = try Store.open(at: path)
            #expect(try store.count == 1)
            let own = try store.read { try $0.statistics() }
            #expect(own.collectionBytes < 100_000 && own.collections == 2)
        }
    }

    @Test func whoHasARemovedCollectionOpenIsTold() throws {
        try withStore { path in
            let old = try create("x", at: path)
            try old.write { try $0.insert(1, code: BinaryCode(hex: "0123456789ab")) }
            #expect(try old.count == 1)
            try Store.removeCollection("x", at: path)
            let gone = HashDBError.collectionRemoved(path: "\(path), collection x")
            #expect(throws: gone) { try old.count }
            #expect(throws: gone) { try old.write { try $0.insert(2, code: BinaryCode(hex: "0123456789ab")) } }
            #expect(throws: gone) { try old.fold() }
            // What takes its place, and its handles, is not taken for it.
            let other = try create("y", at: path, bitWidth: 48)
            let new = try create("x", at: path, bitWidth: 16)
            #expect(throws: gone) { try old.count }
            #expect(throws: gone) { try old.write { try $0.setAttribute([1], forKey: "a") } }
            try new.write { try $0.insert(5, code: BinaryCode(hex: "abcd")) }
            #expect(try new.count == 1 && other.count == 0)
        }
    }

    @Test func withinASnapshotCollectionsCanBeMadeAndRemoved() throws {
        try withStore { path in
            let store = try Store.open(at: path, options: .unsynchronised)
            let other = try create("x", at: path)
            try store.read { snapshot in
                let third = try create("z", at: path)
                try third.write { try $0.insert(1, code: BinaryCode(hex: "0123456789ab")) }
                #expect(try third.count == 1)
                try Store.removeCollection("x", at: path)
                #expect(try Store.collections(at: path).map(\.name) == ["default", "z"])
                #expect(try snapshot.nearest(to: BinaryCode(hex: "0123456789abcdef"), count: 1).count == 1)
            }
            #expect(throws: HashDBError.collectionRemoved(path: "\(path), collection x")) { try other.count }
            #expect(try create("x", at: path).count == 0)
        }
    }

    /// Within a snapshot the databases of what is removed stay, empty.
    @Test func aRemovedCollectionIsNotCounted() throws {
        try withStore { path in
            let store = try Store.open(at: path, options: .unsynchronised)
            _ = try create("x", at: path)
            #expect(try store.read { try $0.statistics().collections } == 2)
            try store.read { _ in try Store.removeCollection("x", at: path) }
            #expect(try store.read { try $0.statistics().collections } == 1)
        }
    }

    @Test func thereIsABound() throws {
        try withStore { path in
            var stores = try (1..<Store.maximumCollections).map { try create("c\($0)", at: path) }
            #expect(throws: HashDBError.tooManyCollections(path: path)) { try create("more", at: path) }
            #expect(try Store.collections(at: path).count == Store.maximumCollections)
            for store in stores { try store.write { try $0.insert(3, code: BinaryCode(hex: "0123456789ab")) } }
            try Store.removeCollection("c7", at: path)
            stores.append(try create("more", at: path))
            #expect(stores.count { (try? $0.count) == 1 } == Store.maximumCollections - 2)
            #expect(try Store.open(at: path).count == 1)
        }
    }

    @Test func collectionsComeAndGoWhileOthersAreReadAndWritten() throws {
        try withStore { path in
            let store = try Store.open(at: path, options: .unsynchronised)
            DispatchQueue.concurrentPerform(iterations: 6) { worker in
                do {
                    for round in 0..<30 {
                        if worker < 2 {
                            let name = "w\(worker)"
                            let own = try create(name, at: path)
                            _ = try own.write { try $0.insert(code: BinaryCode(hex: "0123456789ab")) }
                            #expect(try own.count == 1)
                            try Store.removeCollection(name, at: path, options: .unsynchronised)
                        } else if worker == 2 {
                            try store.write { try $0.upsert(UInt64(2 + round), code: BinaryCode(bytes: Array(0..<8))) }
                        } else {
                            let match = try store.nearest(to: BinaryCode(hex: "0123456789abcdef"), count: 1)
                            #expect(match == [Match(id: 1, distance: 0)])
                            #expect(try Store.collections(at: path, options: .unsynchronised).first?.name == "default")
                        }
                    }
                } catch {
                    Issue.record("\(error)")
                }
            }
            #expect(try Store.collections(at: path).map(\.name) == ["default"])
            #expect(try store.count == 31)
            try store.read { try $0.checkInvariants() }
        }
    }
}
