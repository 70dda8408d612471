import Foundation
import HashDB
import TestSupport
import Testing

struct OpenOrCreateTests {
    @Test func whatIsNotThereIsMadeAndElseOpened() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let model = ModelIdentity(name: "m", fingerprint: "f")
            do {
                let store = try Store.openOrCreate(at: path, bitWidth: 64, model: model)
                _ = try store.write { try $0.insert(code: BinaryCode(hex: "0123456789abcdef")) }
            }
            #expect(try Store.openOrCreate(at: path, bitWidth: 64).count == 1)
            #expect(try Store.openOrCreate(at: path, bitWidth: 64, model: model).count == 1)
            let second = try Store.openOrCreate(at: path, collection: "second", bitWidth: 8)
            #expect(try second.count == 0 && second.model == nil)
            #expect(try Store.openOrCreate(at: path, collection: "second", bitWidth: 8).count == 0)
            #expect(try Store.collections(at: path).map(\.name) == ["default", "second"])
        }
    }

    @Test func whatIsForOtherCodesIsRefused() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            _ = try Store.create(at: path, bitWidth: 64)
            let model = ModelIdentity(name: "m", fingerprint: "f")
            let width = HashDBError.collectionHasOtherWidth(path: path, name: "default", bitWidth: 64, wanted: 128)
            #expect(throws: width) { try Store.openOrCreate(at: path, bitWidth: 128) }
            let noModel = HashDBError.collectionHasOtherModel(path: path, name: "default", model: nil, wanted: model)
            #expect(throws: noModel) { try Store.openOrCreate(at: path, bitWidth: 64, model: model) }
            let other = ModelIdentity(name: "n", fingerprint: "g")
            _ = try Store.create(at: path, collection: "c", bitWidth: 64, model: model)
            let otherModel = HashDBError.collectionHasOtherModel(path: path, name: "c", model: model, wanted: other)
            #expect(throws: otherModel) {
                try Store.openOrCreate(at: path, collection: "c", bitWidth: 64, model: other)
            }
            // Each names the store, the collection and both kinds of codes.
            #expect("\(width)".hasPrefix(path + ": its collection default holds codes of 64 bits, not of 128;"))
            #expect("\(noModel)".contains("collection default came without a model, not from m (f)"))
            #expect("\(otherModel)".contains("collection c were made by m (f), not by n (g)"))
            #expect(throws: HashDBError.invalidWidth(7)) { try Store.openOrCreate(at: path + "2", bitWidth: 7) }
            try Data("notes".utf8).write(to: URL(fileURLWithPath: path + "3"))
            #expect(throws: HashDBError.self) { try Store.openOrCreate(at: path + "3", bitWidth: 64) }
            #expect(throws: HashDBError.self) { try Store.openOrCreate(at: directory + "/none/s", bitWidth: 64) }
        }
    }

    /// Nothing is made where the link leads.
    @Test(arguments: ["s.hashdb", "none/s.hashdb"]) func aLinkThatLeadsNowhereIsRefused(target: String) throws {
        try withTemporaryDirectory { directory in
            let link = directory + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory + "/" + target)
            for attempt in 0..<2 {
                let error = #expect(throws: HashDBError.self) {
                    if attempt == 0 {
                        try Store.openOrCreate(at: link, bitWidth: 64)
                    } else {
                        try Store.create(at: link, bitWidth: 64)
                    }
                }
                guard case .system(link, 2, let reason) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(reason.contains("a symbolic link that leads nowhere"))
            }
            #expect(throws: HashDBError.storeNotFound(path: link)) { try Store.open(at: link) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["link"])
        }
    }

    /// One that leads to a store is as good as its path.
    @Test func aLinkToAStoreOpensIt() throws {
        try withTemporaryDirectory { directory in
            let (path, link) = (directory + "/s", directory + "/link")
            try Store.create(at: path, bitWidth: 8).write { try $0.insert(7, code: BinaryCode(zeros: 8)) }
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            #expect(try Store.openOrCreate(at: link, bitWidth: 8).count == 1)
        }
    }

    @Test func ofATemporaryStoreNothingIsLeft() async throws {
        let model = ModelIdentity(name: "m", fingerprint: "f")
        let code = try BinaryCode(hex: "0123456789abcdef")
        try withTemporaryDirectory { directory in
            let store = try Store.temporary(bitWidth: 64, model: model, directory: directory)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
            try store.write { try $0.insert(7, code: code, payload: [1]) }
            let other = try Store.temporary(bitWidth: 64, directory: directory)
            #expect(try other.count == 0 && other.path != store.path)
            #expect(try store.nearest(to: code, count: 2) == [Match(id: 7, distance: 0)])
            #expect(try store.read { try $0.payload(of: 7) } == [1])
            #expect(store.model == model)
            #expect(throws: HashDBError.storeNotFound(path: store.path)) { try Store.open(at: store.path) }
        }
        let store = try Store.temporary(bitWidth: 64)
        try await store.write { try $0.insert(7, code: code) }
        #expect(try await store.read { $0.count } == 1)
        #expect(throws: HashDBError.invalidWidth(12)) { try Store.temporary(bitWidth: 12) }
    }

    @Test func manyAtOnceHaveOneStore() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.file("s.hashdb")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<16 {
                    group.addTask {
                        let name = id % 2 == 0 ? "default" : "other"
                        let store = try await Store.openOrCreate(at: path, collection: name, bitWidth: 64)
                        try await store.write { try $0.insert(UInt64(id), code: BinaryCode(hex: "0123456789abcdef")) }
                    }
                }
                try await group.waitForAll()
            }
            let counts = try ["default", "other"].map { try Store.open(at: path, collection: $0).count }
            #expect(counts == [8, 8])
        }
    }
}
