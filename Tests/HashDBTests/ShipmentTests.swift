import HashDB
import Testing

/// Shipments that make no sense, although their checksums are right, are refused, and nothing is changed.
struct ShipmentTests {
    /// Where the head has its flags and the commit that it ends at.
    private static let (flags, endCommit) = (28, 48)

    @Test func whatLeadsBackIsRefused() throws {
        try withStore { leader, directory in
            try leader.recordChanges()
            let path = directory + "/f.hashdb"
            try Store.backup(leader.path, to: path)
            let follower = try Store.open(at: path, options: .unsynchronised)
            let position = try #require(try leader.read { try $0.position })
            try leader.write { try $0.insert(2, code: BinaryCode(hex: "02")) }
            let shipment = try ship(leader, after: position)
            #expect(position.commit == 1 && shipment[Self.endCommit] == 2)
            for commit in [0, 1] as [UInt8] {
                var changed = shipment
                changed[Self.endCommit] = commit
                try expectRefused(changed, follower)
            }
            _ = try receive(shipment, follower)
            #expect(try follower.count == 2)
            // One that leads nowhere is right.
            let end = try #require(try leader.read { try $0.position })
            #expect(try receive(ship(leader, after: end), follower).wasThere)
        }
    }

    @Test func whereNoIDWasEverStoredThereIsNoItem() throws {
        try withStore { leader, directory in
            try leader.recordChanges()
            let follower = try Store.create(at: directory + "/f.hashdb", bitWidth: 8, options: .unsynchronised)
            let shipment = try ship(leader, after: nil)
            var changed = shipment
            #expect(changed[Self.flags] & 2 == 2)
            changed[Self.flags] &= ~2
            try expectRefused(changed, follower)
            #expect(try receive(shipment, follower).changed == 1)
        }
    }

    @Test func whileItComesOthersWrite() throws {
        try withStore { leader, directory in
            try leader.recordChanges()
            let shipment = try ship(leader, after: nil)
            let path = directory + "/f.hashdb"
            let follower = try Store.create(at: path, bitWidth: 8, options: .unsynchronised)
            let other = try Store.create(at: path, collection: "other", bitWidth: 8, options: .unsynchronised)
            var rest = shipment[...]
            try follower.receive {
                _ = try other.write { try $0.insert(code: BinaryCode(zeros: 8)) }
                return rest.popFirst().map { [$0] }
            }
            #expect(try follower.count == 1)
            // The end is told once.
            #expect(try other.count == shipment.count + 1)
        }
    }

    // MARK: Steps

    private func expectRefused(_ shipment: [UInt8], _ store: Store) throws {
        let before = try store.read { try $0.position }
        let error = #expect(throws: HashDBError.self) { try receive(shipment, store) }
        guard case .damagedShipment = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.read { try $0.position } == before)
    }

    private func receive(_ shipment: [UInt8], _ store: Store) throws -> Reception {
        var rest: [UInt8]? = ShipmentBlock.resealed(shipment)
        return try store.receive {
            defer { rest = nil }
            return rest
        }
    }

    private func ship(_ store: Store, after position: StorePosition?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try store.read { snapshot in _ = try snapshot.ship(after: position) { bytes += $0 } }
        return bytes
    }

    /// A store with the item 0.
    private func withStore(_ body: (Store, String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 8, options: .unsynchronised)
            try store.write { try $0.insert(0, code: BinaryCode(hex: "01")) }
            try body(store, directory)
        }
    }
}
