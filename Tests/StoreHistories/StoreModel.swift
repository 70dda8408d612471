import HashDB

/// What a store must hold after so many steps of a history: dictionaries, and nothing clever.
package struct StoreModel: Equatable, Sendable {
    package private(set) var items: [UInt64: Item] = [:]
    package private(set) var attributes: [String: [UInt8]] = [:]

    package init() {}

    package mutating func apply(_ step: StoreHistory.Step) {
        switch step {
        case .fold, .compact, .backup: break
        case .load(let ids, let codes):
            for (id, code) in zip(ids, codes) { items[id] = Item(id: id, code: code) }
        case .change(let changes):
            for change in changes {
                switch change {
                case .put(let id, let code, let payload): items[id] = Item(id: id, code: code, payload: payload)
                case .delete(let id): items[id] = nil
                case .deleteAll: items = [:]
                case .attribute(let key, let value): attributes[key] = value
                }
            }
        }
    }

    /// The model after another step.
    package func after(_ step: StoreHistory.Step) -> StoreModel {
        var copy = self
        copy.apply(step)
        return copy
    }

    /// Everything that a store holds, read back; throws if anything in the store contradicts anything else.
    package init(readingAllOf store: Store) throws {
        self = try store.read { try StoreModel(readingAllOf: $0) }
    }

    /// Everything that a snapshot sees; throws if anything in it contradicts anything else.
    package init(readingAllOf snapshot: borrowing Snapshot) throws {
        var items: [UInt64: Item] = [:]
        var attributes: [String: [UInt8]] = [:]
        try snapshot.checkInvariants()
        try snapshot.forEachItem(payloads: true) {
            items[$0.id] = $0
            return true
        }
        try snapshot.forEachAttribute(withPrefix: "") {
            attributes[$0] = $1
            return true
        }
        self.items = items
        self.attributes = attributes
    }
}
