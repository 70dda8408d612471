import HashDB
import TestSupport
import Testing

/// `Transaction.deleteAll()` leaves no item and nothing of one, and all else as it was. `HistoryTests` has it amid everything else.
struct EmptyingTests {
    private let model = ModelIdentity(name: "m", fingerprint: "f")

    @Test func nothingIsLeftOfItems() throws {
        try withFullStore { store, codes in
            let before = try store.read { ($0.commitNumber, $0.largestID) }
            #expect(try store.write { $0.deleteAll() } == codes.count)
            try store.read { snapshot in
                try snapshot.checkInvariants()
                #expect(snapshot.count == 0 && snapshot.commitNumber == before.0 + 1)
                #expect(snapshot.largestID == before.1 && snapshot.bitWidth == 64 && snapshot.model == model)
                #expect(try snapshot.attribute("kept") == [7])
                #expect(try snapshot.item(3) == nil && snapshot.payload(of: 3) == nil && !snapshot.contains(3))
                #expect(try snapshot.nearest(to: codes[3], count: 5) == [])
                let sizes = try snapshot.sizes()
                let parts = [sizes.rows, sizes.tables, sizes.deletions, sizes.delta, sizes.payloads]
                #expect(parts == [0, 0, 0, 0, 0])
            }
            // The space is used again, and ids are not.
            let bytes = try store.read { try $0.sizes().file }
            for _ in 0..<10 {
                try store.write { transaction in
                    for code in codes { _ = try transaction.insert(code: code, payload: [1, 2, 3]) }
                }
                try store.write { _ = $0.deleteAll() }
            }
            #expect(try store.read { try $0.sizes().file } < 4 * bytes)
            let next = try store.write { try $0.insert(code: codes[0]) }
            #expect(next == UInt64(11 * codes.count))
        }
    }

    @Test func itSeesAndForgetsTheChangesBeforeAndNotThoseAfter() throws {
        try withFullStore { store, codes in
            let last = UInt64(codes.count - 1)
            try store.write { transaction in
                try transaction.insert(last + 10, code: codes[0], payload: [1])
                try transaction.upsert(3, code: codes[4], payload: [2])
                try transaction.setPayload([9], of: 5)
                try transaction.delete(4)
                try transaction.setAttribute([8], forKey: "new")
                #expect(transaction.deleteAll() == codes.count)
                #expect(transaction.count == 0 && transaction.largestID == last + 10)
                for id in [3, 4, 5, last, last + 10] {
                    #expect(try !transaction.contains(id) && transaction.code(of: id) == nil)
                    #expect(try transaction.payload(of: id) == nil && !transaction.delete(id))
                    #expect(throws: HashDBError.unknownID(id)) { try transaction.setPayload([1], of: id) }
                }
                #expect(try transaction.nearest(to: codes[0], count: .max) == [])
                #expect(try transaction.within(radius: 64, of: codes[0]) == [])
                #expect(throws: HashDBError.invalidCount(0)) { try transaction.nearest(to: codes[0], count: 0) }
                #expect(transaction.deleteAll() == 0)

                // An id of one that is gone may be given by the caller, and has no payload any more.
                try transaction.insert(3, code: codes[7])
                #expect(try transaction.insert(code: codes[8], payload: [3]) == last + 11)
                #expect(transaction.count == 2)
            }
            try store.read { snapshot in
                try snapshot.checkInvariants()
                let items = [
                    Item(id: 3, code: codes[7]), Item(id: last + 11, code: codes[8], payload: [3]),
                ]
                #expect(try Self.items(snapshot) == items)
                #expect(try snapshot.attribute("kept") == [7] && snapshot.attribute("new") == [8])
            }
        }
    }

    @Test func whatIsAbandonedDeletesNothing() throws {
        struct Abandoned: Error {}
        try withFullStore { store, codes in
            let before = try store.read { try Self.items($0) }
            #expect(throws: Abandoned.self) {
                try store.write { transaction in
                    transaction.deleteAll()
                    throw Abandoned()
                }
            }
            #expect(try store.read { try Self.items($0) } == before)
        }
    }

    /// What is there for a snapshot stays there as long as that does.
    @Test func aSnapshotKeepsItsItems() throws {
        try withFullStore { store, codes in
            try store.read { snapshot in
                let before = try Self.items(snapshot)
                for _ in 0..<3 {
                    try store.write { transaction in
                        transaction.deleteAll()
                        for code in codes { _ = try transaction.insert(code: code) }
                    }
                }
                try snapshot.checkInvariants()
                #expect(try Self.items(snapshot) == before)
            }
            #expect(try store.count == codes.count)
        }
    }

    @Test func anEmptyStoreIsNotChanged() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            #expect(try store.write { $0.deleteAll() } == 0)
            #expect(try store.read { $0.commitNumber } == 0)
            // An id that was given out is not given out anew, although no commit has ever held its item.
            let id = try store.write { transaction in
                let id = try transaction.insert(code: BinaryCode(zeros: 64))
                #expect(transaction.deleteAll() == 1)
                return id
            }
            #expect(try store.count == 0)
            #expect(try store.read { $0.largestID } == id)
            #expect(try store.write { try $0.insert(code: BinaryCode(zeros: 64)) } == id + 1)
        }
    }

    @Test func aMergeThatIsUnderWayEnds() throws {
        try withTemporaryDirectory { directory in
            var options = Store.Options.unsynchronised
            options.folding.deltaEntries = 100
            options.folding.growth = 2
            options.folding.amount = 1000
            options.folding.rowBlockBits = 6
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: options)
            var generator = SplitMix64(seed: 8)
            var merges = 0
            for _ in 0..<8 {
                for _ in 0..<60 {
                    let isMerging = try store.read { try $0.statistics().isMerging }
                    if isMerging { break }
                    let codes = try Distribution.uniform.codes(80, bitWidth: 64, &generator)
                    try store.write { for code in codes { _ = try $0.insert(code: code) } }
                }
                // Some of what the merge has copied is deleted.
                try store.write { transaction in
                    for id in (transaction.largestID ?? 0) - 40...(transaction.largestID ?? 0) {
                        try transaction.delete(id)
                    }
                }
                if try store.read({ try $0.statistics().isMerging }) { merges += 1 }
                try store.write { _ = $0.deleteAll() }
                try store.read { snapshot in
                    try snapshot.checkInvariants()
                    let statistics = try snapshot.statistics()
                    #expect(!statistics.isMerging && statistics.segments.isEmpty && snapshot.count == 0)
                }
            }
            #expect(merges > 0)
        }
    }

    @Test func aFollowerIsEmptiedToo() throws {
        try withFullStore { leader, codes in
            try leader.recordChanges()
            try Store.backup(leader.path, to: leader.path + "-follower")
            let follower = try Store.open(at: leader.path + "-follower", options: .unsynchronised)
            let position = try leader.read { try $0.position }
            let last = UInt64(codes.count - 1)
            try leader.write { transaction in
                transaction.deleteAll()
                _ = try transaction.insert(code: codes[5])
            }
            let start = try #require(position)
            #expect(try leader.read { try $0.changes(since: start) }.ids == [0...last + 1])
            var pieces: [[UInt8]] = []
            try leader.read { snapshot in _ = try snapshot.ship(after: position) { pieces.append($0) } }
            pieces.reverse()
            let reception = try follower.receive { pieces.popLast() }
            #expect((reception.changed, reception.deleted) == (1, codes.count))
            try follower.read { try $0.checkInvariants() }
            #expect(try follower.read { try Self.items($0) } == [Item(id: last + 1, code: codes[5])])
            #expect(try follower.read { try $0.position } == leader.read { try $0.position })
            #expect(try follower.read { try $0.attribute("kept") } == [7])
        }
    }

    // MARK: Steps

    private static func items(_ snapshot: borrowing Snapshot) throws -> [Item] {
        var items: [Item] = []
        try snapshot.forEachItem { item in
            items.append(item)
            return true
        }
        return items
    }

    /// A store with segments, of which some rows are deleted and put anew, newer items, payloads and an attribute; `codes` has one for each
    /// id from 0 on.
    private func withFullStore(_ body: (Store, [BinaryCode]) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(
                at: directory + "/s", bitWidth: 64, model: model, options: .unsynchronised)
            var generator = SplitMix64(seed: 5)
            let codes = try Distribution.uniform.codes(6000, bitWidth: 64, &generator)
            try store.bulkLoad { loader in
                for id in 0..<5000 { try loader.append(id: UInt64(id), code: codes[id]) }
            }
            try store.write { transaction in
                for id in 5000..<6000 { try transaction.insert(UInt64(id), code: codes[id]) }
                for id in 0..<100 { try transaction.upsert(UInt64(id), code: codes[id], payload: [UInt8(id)]) }
                try transaction.setPayload([UInt8](repeating: 1, count: 10_000), of: 200)
                try transaction.setAttribute([7], forKey: "kept")
            }
            try body(store, codes)
        }
    }
}
