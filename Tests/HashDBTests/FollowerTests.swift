import Foundation
import HashDB
import SplitMix
import Synchronization
import Testing

/// Stores that follow another hold what it holds, whatever was done to it since, and whatever becomes of a shipment.
struct FollowerTests {
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
                default: try leader.change(Int.random(in: 1...200, using: &generator), &generator)
                }
            }
            for (from, to) in [(leader.store, first), (first, second)] { try follow(from, to) }
            try compare(leader.store, second)
            #expect(shipped > 2)
            try ModelledStore(second, leader.items).compare(step: 60, &generator)
        }
    }

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
            let pieces = Pieces(shipment)
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
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("hashdb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let leader = try Store.create(at: directory.path + "/s", bitWidth: 64, options: .unsynchronised)
        let follower = try Store.create(at: directory.path + "/f", bitWidth: 64, options: .unsynchronised)
        try await leader.write { try $0.insert(1, code: code(1)) }
        try await leader.recordChanges()
        let shipment = try ship(leader, after: nil)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let pieces = Pieces(shipment)
            return try await follower.receive { pieces.next() }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await follower.read { $0.count } == 0)
        let pieces = Pieces(shipment)
        let reception = try await follower.receive { pieces.next() }
        let position = try await leader.read { try $0.position }
        #expect(reception.position == position)
    }

    // MARK: Steps

    @discardableResult
    private func receive(_ shipment: [UInt8], _ store: Store, replacing: Bool = false) throws -> Reception {
        let pieces = Pieces(shipment)
        return try store.receive(replacing: replacing) { pieces.next() }
    }

    private func ship(_ store: Store, after position: StorePosition?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try store.read { snapshot in _ = try snapshot.ship(after: position) { bytes += $0 } }
        return bytes
    }

    private func follow(_ leader: Store, _ follower: Store) throws {
        let position = try #require(try follower.read { try $0.position })
        try receive(ship(leader, after: position), follower)
    }

    private func changes(
        _ store: Store, since position: StorePosition
    ) throws -> ([ClosedRange<UInt64>], [String]?) {
        let changes = try store.read { try $0.changes(since: position) }
        return (changes.ids, changes.attributes)
    }

    private func expectUnknown(_ store: Store, _ position: StorePosition) {
        let error = #expect(throws: HashDBError.self) { try changes(store, since: position) }
        guard case .unknownPosition = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private func expectUnfit(_ shipment: [UInt8], _ store: Store) {
        let error = #expect(throws: HashDBError.self) { try receive(shipment, store) }
        guard case .notFollowing = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// All that two stores hold, and where they are.
    private func compare(_ leader: Store, _ follower: Store) throws {
        #expect(try Contents(leader) == Contents(follower))
    }

    private func code(_ id: UInt64) throws -> BinaryCode {
        try BinaryCode(bytes: withUnsafeBytes(of: (id &* 0x9E37_79B9_7F4A_7C15).littleEndian) { Array($0) })
    }

    private func withStore(_ body: (Store, String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            try body(
                Store.create(at: directory + "/s.hashdb", bitWidth: 64, options: .unsynchronised), directory)
        }
    }
}

/// Everything that a store tells of itself.
private struct Contents: Equatable {
    var items: [Item] = []
    var attributes: [String: [UInt8]] = [:]
    var position: StorePosition?
    var commitNumber: UInt64 = 0
    var largestID: UInt64?

    init(_ store: Store) throws {
        self = try store.read { snapshot in
            var contents = Contents()
            try snapshot.checkInvariants()
            try snapshot.forEachItem {
                contents.items.append($0)
                return true
            }
            try snapshot.forEachAttribute(withPrefix: "") {
                contents.attributes[$0] = $1
                return true
            }
            contents.position = try snapshot.position
            contents.commitNumber = snapshot.commitNumber
            contents.largestID = snapshot.largestID
            return contents
        }
    }

    private init() {}
}

/// Bytes in pieces of any length.
private final class Pieces: Sendable {
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8]) { rest = Mutex(bytes[...]) }

    func next() -> [UInt8]? {
        rest.withLock { rest in
            guard !rest.isEmpty else { return nil }
            let count = 1 + rest.count &* 7919 % 5000
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
    }
}
