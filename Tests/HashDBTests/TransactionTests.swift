import HashDB
import TestSupport
import Testing

/// What single calls of a transaction change, what they leave, and the commit that they become.
struct TransactionTests {
    private let codes: [BinaryCode]

    init() throws {
        var generator = SplitMix64(seed: 17)
        codes = try Distribution.uniform.codes(8, bitWidth: 64, &generator)
    }

    /// Of an item in a segment, in the delta, and of the same transaction.
    @Test func aCodeIsReplacedAndWhatIsBesideItStays() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            try store.write { try $0.insert(1, code: codes[0], payload: [1]) }
            try store.fold()
            try store.write { try $0.insert(2, code: codes[0], payload: [2]) }
            try store.write { transaction in
                try transaction.insert(3, code: codes[0], payload: [3])
                try transaction.insert(4, code: codes[0])
                for id in 1...4 as ClosedRange<UInt64> {
                    try transaction.setCode(codes[Int(id)], of: id)
                    #expect(try transaction.code(of: id) == codes[Int(id)])
                    #expect(try transaction.payload(of: id) == (id == 4 ? nil : [UInt8(id)]))
                }
                #expect(transaction.count == 4 && transaction.largestID == 4)
            }
            try store.read { snapshot in
                try snapshot.checkInvariants()
                for id in 1...4 as ClosedRange<UInt64> {
                    let item = Item(id: id, code: codes[Int(id)], payload: id == 4 ? nil : [UInt8(id)])
                    #expect(try snapshot.item(id) == item)
                    #expect(try snapshot.nearest(to: item.code, count: 4, within: 0) == [Match(id: id, distance: 0)])
                }
                #expect(try snapshot.within(radius: 0, of: codes[0]).isEmpty)
            }
        }
    }

    @Test func onlyItemsThatAreThereGetAnotherCode() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            try store.write { transaction in
                #expect(throws: HashDBError.unknownID(1)) { try transaction.setCode(codes[0], of: 1) }
                try transaction.insert(1, code: codes[0])
                #expect(throws: HashDBError.codeWidthMismatch(expected: 64, found: 8)) {
                    try transaction.setCode(BinaryCode(zeros: 8), of: 1)
                }
                #expect(try transaction.code(of: 1) == codes[0])
                try transaction.delete(1)
                #expect(throws: HashDBError.unknownID(1)) { try transaction.setCode(codes[0], of: 1) }
            }
            #expect(try store.count == 0)
        }
    }

    @Test func wholeItemsAreInsertedAndReplaced() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let (old, new) = (Item(id: 7, code: codes[0], payload: [1]), Item(id: 7, code: codes[1]))
            try store.write { transaction in
                try transaction.insert(old)
                #expect(throws: HashDBError.duplicateID(7)) { try transaction.insert(new) }
                #expect(try transaction.item(7) == old)
            }
            #expect(try store.read { try $0.item(7) } == old)
            // An item without a payload is all of it: none is left.
            try store.write { try $0.upsert(new) }
            #expect(try store.read { try $0.item(7) } == new)
            try store.write { try $0.upsert(old) }
            #expect(try store.read { try $0.item(7) } == old)
        }
    }

    /// Whatever a transaction does, its number is that of the snapshot after it.
    @Test func aTransactionKnowsTheNumberOfItsCommit() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let steps: [(changes: Bool, step: (inout Transaction) throws -> Void)] = [
                (false, { _ in }), (false, { try $0.delete(1) }), (false, { $0.deleteAll() }),
                (true, { try $0.insert(1, code: codes[0]) }), (true, { try $0.setPayload(nil, of: 1) }),
                (true, { try $0.setAttribute(nil, forKey: "none") }), (true, { try $0.setCode(codes[0], of: 1) }),
                (true, { try $0.delete(1) }), (false, { try $0.delete(1) }),
                (
                    false,
                    { transaction in
                        #expect(throws: HashDBError.unknownID(1)) { try transaction.setCode(codes[0], of: 1) }
                    }
                ),
                (
                    true,
                    { transaction in
                        let id = try transaction.insert(code: codes[1])
                        try transaction.delete(id)
                    }
                ),
                (true, { _ = try $0.insert(code: codes[2]) }), (true, { $0.deleteAll() }),
            ]
            for (number, (changes, step)) in steps.enumerated() {
                let before = try store.read { $0.commitNumber }
                let told = try store.write { transaction in
                    #expect(transaction.commitNumber == before)
                    try step(&transaction)
                    return transaction.commitNumber
                }
                #expect(told == before + (changes ? 1 : 0), "step \(number)")
                #expect(try store.read { $0.commitNumber } == told, "step \(number)")
            }
            // Nothing was committed.
            let last = try store.read { $0.commitNumber }
            #expect(throws: Stop.self) {
                try store.write { transaction in
                    _ = try transaction.insert(code: codes[0])
                    throw Stop()
                }
            }
            #expect(try store.write { $0.commitNumber } == last)
        }
    }

    /// With warnings as errors, this compiles only if the result may be left unused.
    @Test func whatAClosureReturnsMayBeLeftUnused() async throws {
        try await withTemporaryStore(64) { store in
            try await store.write { try $0.insert(code: codes[0]) }
            try await store.write { try $0.delete(0) }
            try await store.bulkLoad { loader in
                try loader.append(id: 3, code: codes[1])
                return loader.nextID
            }
            let found = try await store.nearest(to: codes[1], count: 2, within: 3)
            #expect(found == [Match(id: 3, distance: 0)])
        }
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            try store.write { try $0.delete(7) }
            try store.bulkLoad { $0.nextID }
            #expect(try store.count == 0)
        }
    }

    @Test func valuesAreToldApartByTheirIDs() throws {
        func ids<V: Identifiable>(_ values: [V]) -> [V.ID] { values.map(\.id) }
        #expect(ids([Match(id: 7, distance: 1)]) == [7] && ids([Item(id: 8, code: codes[0])]) == [8])
        try withTemporaryDirectory { directory in
            _ = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            _ = try Store.create(at: directory + "/s", collection: "b", bitWidth: 8, options: .unsynchronised)
            #expect(try ids(Store.collections(at: directory + "/s")) == ["default", "b"])
        }
    }
}

private struct Stop: Error {}
