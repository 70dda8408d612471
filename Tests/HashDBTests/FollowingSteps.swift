import HashDB
import Synchronization
import Testing

/// What suites do in which stores follow one another.
protocol FollowingSteps {}

extension FollowingSteps {
    @discardableResult
    func receive(_ shipment: [UInt8], _ store: Store, replacing: Bool = false) throws -> Reception {
        let pieces = ShippedPieces(shipment)
        return try store.receive(replacing: replacing) { pieces.next() }
    }

    func ship(_ store: Store, after position: StorePosition?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try store.read { snapshot in _ = try snapshot.ship(after: position) { bytes += $0 } }
        return bytes
    }

    func follow(_ leader: Store, _ follower: Store) throws {
        let position = try #require(try follower.read { try $0.position })
        try receive(ship(leader, after: position), follower)
    }

    func changes(
        _ store: Store, since position: StorePosition
    ) throws -> ([ClosedRange<UInt64>], [String]?) {
        let changes = try store.read { try $0.changes(since: position) }
        return (changes.ids, changes.attributes)
    }

    func expectUnknown(_ store: Store, _ position: StorePosition) {
        let error = #expect(throws: HashDBError.self) { try changes(store, since: position) }
        guard case .unknownPosition = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    func expectUnfit(_ shipment: [UInt8], _ store: Store) {
        let error = #expect(throws: HashDBError.self) { try receive(shipment, store) }
        guard case .notFollowing = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// All that two stores hold, and where they are.
    func compare(_ leader: Store, _ follower: Store) throws {
        #expect(try Contents(leader) == Contents(follower))
    }

    func code(_ id: UInt64) throws -> BinaryCode {
        try BinaryCode(bytes: withUnsafeBytes(of: (id &* 0x9E37_79B9_7F4A_7C15).littleEndian) { Array($0) })
    }

    func withStore(_ body: (Store, String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            try body(
                Store.create(at: directory + "/s.hashdb", bitWidth: 64, options: .unsynchronised), directory)
        }
    }
}

/// Everything that a store tells of itself.
struct Contents: Equatable {
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
final class ShippedPieces: Sendable {
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
