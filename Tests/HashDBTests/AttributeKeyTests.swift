import HashDB
import Testing

/// Two keys whose texts are equal, and whose bytes are not, are two attributes wherever they go.
struct AttributeKeyTests {
    private static let keys = ["caf\u{e9}", "cafe\u{301}"]

    @Test func bothAreWrittenInOneTransaction() throws {
        try withStore { store, _ in
            try store.write { transaction in
                try set([1, 2], in: &transaction)
                #expect(try Self.keys.map { try transaction.attribute($0) } == [[1], [2]])
            }
            #expect(try values(store) == [[1], [2]])
            try store.write { try $0.setAttribute(nil, forKey: Self.keys[0]) }
            #expect(try values(store) == [nil, [2]])
        }
    }

    @Test func bothAreShipped() throws {
        try withStore { leader, path in
            try leader.recordChanges()
            let follower = try Store.create(at: path + "2", bitWidth: 8, options: .unsynchronised)
            try ship(leader, to: follower)
            try leader.write { try set([1, 2], in: &$0) }
            let position = try #require(try follower.read { try $0.position })
            let changes = try leader.read { try $0.changes(since: position) }
            #expect(try #require(changes.attributes).count == 2)
            try ship(leader, to: follower)
            #expect(try values(follower) == [[1], [2]])
            // A shipment of everything removes the one that the leader has no more.
            try leader.write { try $0.setAttribute(nil, forKey: Self.keys[1]) }
            try ship(leader, to: follower, whole: true)
            #expect(try values(follower) == [[1], nil])
        }
    }

    @Test func bothAreRebuilt() throws {
        try withStore { store, path in
            try store.write { try set([1, 2], in: &$0) }
            let reports = try Store.rebuild(path, to: path + "2")
            #expect(reports.map(\.attributes) == [2])
            #expect(try values(Store.open(at: path + "2")) == [[1], [2]])
        }
    }

    private func set(_ values: [UInt8], in transaction: inout Transaction) throws {
        for (key, value) in zip(Self.keys, values) { try transaction.setAttribute([value], forKey: key) }
    }

    private func values(_ store: Store) throws -> [[UInt8]?] {
        try store.read { snapshot in try Self.keys.map { try snapshot.attribute($0) } }
    }

    private func ship(_ leader: Store, to follower: Store, whole: Bool = false) throws {
        let position = whole ? nil : try follower.read { try $0.position }
        var pieces: [[UInt8]] = []
        try leader.read { snapshot in _ = try snapshot.ship(after: position) { pieces.append($0) } }
        pieces.reverse()
        try follower.receive(replacing: whole) { pieces.popLast() }
    }

    private func withStore(_ body: (Store, String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            try body(Store.create(at: path, bitWidth: 8, options: .unsynchronised), path)
        }
    }
}
