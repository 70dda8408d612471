import HashDB
import TestSupport
import Testing

/// Stores that follow another hold what it holds, whatever was done to it since, and whatever becomes of a shipment.
struct FollowerTests: FollowingSteps {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func followersHoldWhatTheLeaderHolds(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        try withTemporaryDirectory { directory in
            let path = directory + "/leader.hashdb"
            var options = Store.Options.unsynchronised
            options.folding.deltaEntries = seed % 2 == 0 ? 100 : 1000
            options.folding.rowBlockBits = 6
            let width = [16, 64, 48, 256][Int(seed) % 4]
            var leader = ModelledStore(try Store.create(at: path, bitWidth: width, options: options))
            try leader.store.recordChanges()
            // One begins with everything, the other as a copy; the second follows the first.
            let first = try Store.create(at: directory + "/first.hashdb", bitWidth: width, options: options)
            try receive(ship(leader.store, after: nil), first)
            try Store.backup(path, to: directory + "/second.hashdb")
            let second = try Store.open(at: directory + "/second.hashdb", options: options)
            var shipped = 0
            for step in 0..<60 {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0: try leader.store.fold()
                case 1: leader.store = try Store.open(at: path, options: options)
                case 2: try leader.load(Int.random(in: 1...2000, using: &generator), &generator)
                case 3:
                    let key = "key \(Int.random(in: 0..<5, using: &generator))"
                    let value: [UInt8]? = Bool.random(using: &generator) ? [UInt8(step)] : nil
                    try leader.store.write { try $0.setAttribute(value, forKey: key) }
                case 4: try Store.compact(path, options: options)
                case 5, 6:
                    try follow(leader.store, first)
                    try compare(leader.store, first)
                    shipped += 1
                case 7:
                    try follow(first, second)
                    try compare(first, second)
                case 8 where seed > 6: try leader.empty(&generator)
                default: try leader.change(Int.random(in: 1...200, using: &generator), &generator)
                }
            }
            for (from, to) in [(leader.store, first), (first, second)] { try follow(from, to) }
            try compare(leader.store, second)
            #expect(shipped > 2)
            try ModelledStore(second, leader.items).compare(step: 60, &generator)
        }
    }

    /// The bytes were put together from Format.md by another program, so that shipments must not change by accident.
    @Test func aShipmentHasTheBytesOfItsFormat() throws {
        let hex = """
            534849503a00000000000000cc4e5f7e7fe5766a01000000100000000e00000000000000000000000000000000000000\
            0500000000000000efcdab8967452301090000000000000001006d010066524e47453a000000000000000f623320fecd\
            62d60000000000000000ffffffffffffffff020000000300000000000000010200000000000000000700000000000000\
            ff0003000000000000006869415454520c000000000000003b0decb97492f74f0100610200000000000000044c415354\
            00000000000000009f8296b004b27d76
            """
        let shipment = try #require(Self.bytes(hex: hex))
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let pieces = ShippedPieces(shipment)
            let reception = try Store.receive(at: path, options: .unsynchronised) { pieces.next() }
            #expect(reception.position == StorePosition("5-0123456789abcdef") && reception.changed == 2)
            let store = try Store.open(at: path)
            let contents = try Contents(store)
            #expect(
                contents.items == [
                    try Item(id: 3, code: BinaryCode(bytes: [1, 2])),
                    try Item(id: 7, code: BinaryCode(bytes: [255, 0]), payload: Array("hi".utf8)),
                ])
            #expect(contents.attributes == ["a": [4]] && contents.largestID == 9 && contents.commitNumber == 5)
            #expect(store.model == ModelIdentity(name: "m", fingerprint: "f"))
            #expect(try ship(store, after: nil) == shipment)
        }
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = Array(hex)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0..<$0 + 2]), radix: 16) }
        return bytes.contains(nil) ? nil : bytes.compactMap { $0 }
    }

    // MARK: What does not fit

    @Test func aStoreThatWasChangedByItselfDoesNotFollow() throws {
        try withStore { leader, directory in
            try leader.recordChanges()
            try leader.write { try $0.insert(1, code: code(1)) }
            let path = directory + "/f.hashdb"
            try Store.backup(leader.path, to: path)
            let follower = try Store.open(at: path, options: .unsynchronised)
            let shared = try #require(try leader.read { try $0.position })
            try leader.write { try $0.insert(2, code: code(2)) }
            try follower.write { try $0.insert(3, code: code(3)) }
            let own = try #require(try follower.read { try $0.position })
            #expect(own.commit == 2)
            expectUnknown(leader, own)
            try expectUnfit(ship(leader, after: shared), follower)
            try expectUnfit(ship(leader, after: nil), follower)
            #expect(try follower.read { try $0.contains(3) })
            try follower.write { try $0.setAttribute([1], forKey: "own") }
            let reception = try receive(ship(leader, after: nil), follower, replacing: true)
            #expect((reception.changed, reception.deleted) == (1, 1))
            try compare(leader, follower)
            // From there it follows again, and nothing is known of the time before.
            expectUnknown(follower, own)
            _ = try leader.write { try $0.delete(1) }
            try follow(leader, follower)
            try compare(leader, follower)
        }
    }

    @Test func anotherWidthOrModelIsRefused() throws {
        try withStore { leader, directory in
            try leader.recordChanges()
            let shipment = try ship(leader, after: nil)
            let narrow = try Store.create(at: directory + "/n.hashdb", bitWidth: 32, options: .unsynchronised)
            #expect(throws: HashDBError.codeWidthMismatch(expected: 32, found: 64)) { try receive(shipment, narrow) }
            let model = ModelIdentity(name: "m", fingerprint: "f")
            let modelled = try Store.create(
                at: directory + "/m.hashdb", bitWidth: 64, model: model, options: .unsynchronised)
            expectUnfit(shipment, modelled)
            try modelled.recordChanges()
            #expect(throws: HashDBError.modelMismatch(store: nil, given: model)) {
                try receive(ship(modelled, after: nil), leader)
            }
            // No model is to be taken instead.
            #expect(!"\(HashDBError.modelMismatch(store: nil, given: model))".contains("use that model"))
            #expect {
                try ship(narrow, after: nil)
            } throws: { if case HashDBError.unknownPosition = $0 { true } else { false } }
        }
    }

    @Test func aShipmentTakenTwiceChangesNothing() throws {
        try withStore { leader, directory in
            try leader.recordChanges()
            try leader.write { try $0.insert(1, code: code(1), payload: [1, 2]) }
            let follower = try Store.create(at: directory + "/f.hashdb", bitWidth: 64, options: .unsynchronised)
            let everything = try ship(leader, after: nil)
            #expect(try !receive(everything, follower).wasThere)
            #expect(try receive(everything, follower).wasThere)
            let position = try follower.read { try $0.position }
            _ = try leader.write { try $0.delete(1) }
            let rest = try ship(leader, after: position)
            for isAgain in [false, true] {
                let reception = try receive(rest, follower)
                #expect((reception.deleted, reception.wasThere) == (isAgain ? 0 : 1, isAgain))
            }
            try compare(leader, follower)
            // An id that is gone is not given out again.
            #expect(try follower.write { try $0.insert(code: code(9)) } == 2)
        }
    }

    /// Cut off anywhere, with a bit turned anywhere, with bytes behind it: an error, and nothing is changed.
    @Test func aDamagedShipmentChangesNothing() throws {
        try withStore { leader, directory in
            try leader.recordChanges()
            try leader.write { transaction in
                for id in 0..<300 as Range<UInt64> {
                    try transaction.insert(id * 3, code: code(id), payload: id % 5 == 0 ? [1, 2, 3] : nil)
                }
                try transaction.setAttribute([4], forKey: "a")
            }
            let follower = try Store.create(at: directory + "/f.hashdb", bitWidth: 64, options: .unsynchronised)
            let shipment = try ship(leader, after: nil)
            var generator = SplitMix64(seed: 5)
            for _ in 0..<400 {
                var bytes = shipment
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
                case 1: bytes.append(0)
                default:
                    let at = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                let error = #expect(throws: HashDBError.self) { try receive(bytes, follower) }
                guard case .damagedShipment = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            #expect(try follower.read { $0.commitNumber } == 0)
            #expect(try follower.count == 0)
            try receive(shipment, follower)
            try compare(leader, follower)
        }
    }

    @Test func aTaskThatIsCancelledReceivesNothing() async throws {
        try await withTemporaryFolder { folder in
            let leader = try await Store.create(at: folder.file("s"), bitWidth: 64, options: .unsynchronised)
            let follower = try await Store.create(at: folder.file("f"), bitWidth: 64, options: .unsynchronised)
            try await leader.write { try $0.insert(1, code: code(1)) }
            try await leader.recordChanges()
            let shipment = try ship(leader, after: nil)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                let pieces = ShippedPieces(shipment)
                return try await follower.receive { pieces.next() }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await follower.read { $0.count } == 0)
            let pieces = ShippedPieces(shipment)
            let reception = try await follower.receive { pieces.next() }
            let position = try await leader.read { try $0.position }
            #expect(reception.position == position)
        }
    }
}
