import Foundation
import HashDB
import Testing

/// What was made for something that then failed goes again, and nothing with it that others have written.
struct MadeInVainTests {
    @Test func anUnwrittenStoreGoesWithItsFile() throws {
        try withStore { path, store in
            try store.write { try $0.setAttribute([1], forKey: "own") }
            try store.removeIfNeverWritten()
            try store.removeIfNeverWritten(butForAttribute: "other")
            #expect(try Store.open(at: path).count == 0)
            try store.removeIfNeverWritten(butForAttribute: "own")
            #expect([path, path + "-lock"].allSatisfy { !FileManager.default.fileExists(atPath: $0) })
        }
    }

    @Test func anotherCollectionOfTheFileStays() throws {
        try withStore { path, store in
            let other = try Store.create(at: path, collection: "other", bitWidth: 16, options: .unsynchronised)
            try other.write { try $0.insert(1, code: BinaryCode(hex: "abcd")) }
            try store.removeIfNeverWritten()
            #expect(try Store.collections(at: path).map(\.name) == ["other"])
            #expect(try other.count == 1)
            #expect(throws: HashDBError.collectionRemoved(path: path)) { try store.count }
        }
    }

    @Test(arguments: [true, false]) func whatHasHadAnItemStays(isDeleted: Bool) throws {
        try withStore { path, store in
            try store.write { try $0.insert(1, code: BinaryCode(zeros: 64)) }
            if isDeleted { try store.write { _ = try $0.delete(1) } }
            try store.removeIfNeverWritten()
            #expect(try Store.open(at: path).count == (isDeleted ? 0 : 1))
        }
    }

    /// Whether the collection is the only one of the file or not.
    @Test(arguments: [Store.defaultCollection, "new"]) func aShipmentThatFailsLeavesNothing(collection: String) throws {
        try withStore { path, leader in
            try leader.write { try $0.insert(1, code: BinaryCode(zeros: 64)) }
            try leader.recordChanges()
            var pieces: [[UInt8]] = []
            try leader.read { snapshot in _ = try snapshot.ship(after: nil) { pieces.append($0) } }
            pieces.removeLast()
            pieces.reverse()
            let isNew = collection == Store.defaultCollection
            let target = isNew ? path + "2" : path
            #expect(throws: HashDBError.damagedShipment(reason: "it was cut off")) {
                try Store.receive(at: target, collection: collection) { pieces.popLast() }
            }
            #expect(FileManager.default.fileExists(atPath: target) != isNew)
            #expect(try Store.collections(at: path).map(\.name) == [Store.defaultCollection])
        }
    }

    private func withStore(_ body: (String, Store) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            try body(path, Store.create(at: path, bitWidth: 64, options: .unsynchronised))
        }
    }
}
