import HashDB
import TestSupport
import Testing

/// A store beside a dictionary that does the same.
struct ModelledStore {
    var store: Store
    private(set) var items: [UInt64: Item] = [:]

    init(_ store: Store, _ items: [UInt64: Item] = [:]) {
        self.store = store
        self.items = items
    }

    /// Random changes in one transaction.
    mutating func change(_ count: Int, _ generator: inout SplitMix64) throws {
        var items = items
        try store.write { transaction in
            for _ in 0..<count { try Self.change(&transaction, &items, &generator) }
        }
        self.items = items
    }

    /// Random changes in one transaction, in the midst of which all items are deleted.
    mutating func empty(_ generator: inout SplitMix64) throws {
        var items = items
        try store.write { transaction in
            for _ in 0..<Int.random(in: 0...50, using: &generator) {
                try Self.change(&transaction, &items, &generator)
            }
            #expect(transaction.deleteAll() == items.count)
            items = [:]
            for _ in 0..<Int.random(in: 0...50, using: &generator) {
                try Self.change(&transaction, &items, &generator)
            }
        }
        self.items = items
    }

    /// Random changes that come to nothing.
    func abandon(_ generator: inout SplitMix64) throws {
        struct Abandoned: Error {}
        #expect(throws: Abandoned.self) {
            try store.write { transaction in
                var copy = items
                for _ in 0..<20 { try Self.change(&transaction, &copy, &generator) }
                throw Abandoned()
            }
        }
    }

    mutating func load(_ count: Int, _ generator: inout SplitMix64) throws {
        let codes = try Distribution.uniform.codes(count, bitWidth: store.bitWidth, &generator)
        let ids = (0..<count).map { _ in UInt64.random(in: 0..<20_000, using: &generator) }
        try store.loading(runLength: 1000) { loader in
            try loader.append(ids: ids, packedCodes: codes.flatMap(\.bytes))
        }
        for (id, code) in zip(ids, codes) { items[id] = Item(id: id, code: code) }
    }

    private static func change(
        _ transaction: inout Transaction, _ model: inout [UInt64: Item], _ generator: inout SplitMix64
    ) throws {
        let id = UInt64.random(in: 0..<2000, using: &generator)
        let width = transaction.bitWidth
        let code = try Distribution.clustered.codes(1, bitWidth: width, &generator)[0]
        let payload: [UInt8]? = Bool.random(using: &generator) ? [UInt8(truncatingIfNeeded: id), 7] : nil
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            #expect(try transaction.delete(id) == (model[id] != nil))
            model[id] = nil
        case 1:
            if model[id] == nil {
                try transaction.insert(id, code: code, payload: payload)
                model[id] = Item(id: id, code: code, payload: payload)
            } else {
                #expect(throws: HashDBError.duplicateID(id)) { try transaction.insert(id, code: code) }
            }
        case 2:
            if let old = model[id] {
                try transaction.setPayload([1, 2, 3], of: id)
                model[id] = Item(id: id, code: old.code, payload: [1, 2, 3])
            } else {
                #expect(throws: HashDBError.unknownID(id)) { try transaction.setPayload([1], of: id) }
            }
        case 3:
            let new = try transaction.insert(code: code, payload: payload)
            #expect(model[new] == nil)
            model[new] = Item(id: new, code: code, payload: payload)
        default:
            try transaction.upsert(id, code: code, payload: payload)
            model[id] = Item(id: id, code: code, payload: payload)
        }
        #expect(try transaction.code(of: id) == model[id]?.code)
        #expect(try transaction.payload(of: id) == model[id]?.payload)
        #expect(transaction.count == model.count)
    }

    /// Compares all that can be asked. Returns whether a merge is under way.
    @discardableResult
    func compare(step: Int, _ generator: inout SplitMix64) throws -> Bool {
        try store.read { try compare($0, step: step, &generator) }
    }

    private func compare(
        _ snapshot: borrowing Snapshot, step: Int, _ generator: inout SplitMix64
    ) throws -> Bool {
        try snapshot.checkInvariants()
        #expect(snapshot.count == items.count)
        var found: [Item] = []
        try snapshot.forEachItem {
            found.append($0)
            return true
        }
        #expect(found == items.values.sorted { $0.id < $1.id }, "step \(step)")
        let query = try Distribution.uniform.codes(1, bitWidth: snapshot.bitWidth, &generator)[0]
        let truth = bruteForce(items.mapValues(\.code), query)
        for plan in QueryPlan.allCases {
            #expect(try snapshot.nearest(to: query, count: 7, plan: plan) == Array(truth.prefix(7)), "step \(step)")
            #expect(try snapshot.within(radius: 6, of: query, plan: plan) == truth.filter { $0.distance <= 6 })
        }
        let start = UInt64.random(in: 0..<2000, using: &generator)
        var first: UInt64?
        try snapshot.forEachItem(from: start) {
            first = $0.id
            return false
        }
        #expect(first == found.first { $0.id >= start }?.id)
        return try snapshot.statistics().isMerging
    }
}
