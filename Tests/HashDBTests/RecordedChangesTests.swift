import HashDB
import Testing

/// A store that records its changes tells which ids and attributes they touched, as far back as its records go.
struct RecordedChangesTests: FollowingSteps {
    @Test func changesNameWhatWasTouched() throws {
        try withStore { store, _ in
            #expect(try store.read { try $0.position } == nil)
            try store.write { try $0.upsert(3, code: code(3)) }
            try store.recordChanges()
            let start = try #require(try store.read { try $0.position })
            #expect(start.commit == 1)
            try store.recordChanges()
            #expect(try store.read { try $0.position } == start)
            #expect(try changes(store, since: start) == ([], []))
            try store.write { transaction in
                for id in 10...20 as ClosedRange<UInt64> { try transaction.insert(id, code: code(id)) }
                try transaction.delete(3)
                try transaction.setAttribute([1], forKey: "a")
            }
            let middle = try #require(try store.read { try $0.position })
            try store.write { transaction in
                try transaction.setPayload([7], of: 12)
                try transaction.setAttribute(nil, forKey: "b")
            }
            try store.bulkLoad { try $0.append(id: 21, code: code(21)) }
            try store.fold()
            #expect(try changes(store, since: start) == ([3...3, 10...21], ["a", "b"]))
            #expect(try changes(store, since: middle) == ([12...12, 21...21], ["b"]))
            try store.stopRecordingChanges()
            expectUnknown(store, middle)
            try store.recordChanges()
            expectUnknown(store, middle)
        }
    }

    /// Too many ids or keys for a record are rounded up, never down.
    @Test func scatteredChangesAreRoundedUp() throws {
        try withStore { store, directory in
            try store.recordChanges()
            let start = try #require(try store.read { try $0.position })
            let ids = (0..<80_000 as Range<UInt64>).map { $0 * 1000 }
            try store.bulkLoad { loader in for id in ids { try loader.append(id: id, code: code(id)) } }
            try store.write { transaction in
                for key in 0..<5000 { try transaction.setAttribute([1], forKey: "key \(key)") }
                try transaction.delete(4000)
            }
            let changes = try store.read { try $0.changes(since: start) }
            #expect(changes.attributes == nil)
            #expect((30_000...70_000).contains(changes.ids.count))
            var index = 0
            for id in ids {
                while changes.ids[index].upperBound < id { index += 1 }
                #expect(changes.ids[index].contains(id))
            }
            let follower = try Store.create(at: directory + "/f.hashdb", bitWidth: 64, options: .unsynchronised)
            try receive(ship(store, after: nil), follower)
            try compare(store, follower)
            let position = try follower.read { try $0.position }
            try store.write { transaction in
                for key in 0..<5000 where key % 3 == 0 { try transaction.setAttribute(nil, forKey: "key \(key)") }
            }
            try receive(ship(store, after: position), follower)
            try compare(store, follower)
        }
    }

    @Test func oldRecordsAreLeftOut() throws {
        try withStore { store, _ in
            try store.recordChanges()
            let start = try #require(try store.read { try $0.position })
            let filler = String(repeating: "k", count: 390)
            var positions: [StorePosition] = []
            for round in 0..<55 {
                try store.write { transaction in
                    for key in 0..<4000 { try transaction.setAttribute([UInt8(round)], forKey: "\(filler)\(key)") }
                }
                positions.append(try #require(try store.read { try $0.position }))
            }
            try store.read { try $0.checkInvariants() }
            expectUnknown(store, start)
            expectUnknown(store, positions[0])
            #expect(try changes(store, since: positions[50]).1?.count == 4000)
            #expect(try store.read { try $0.sizes() }.attributes < 90 << 20)
        }
    }
}
