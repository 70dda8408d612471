/// Changes to a store that will be committed together, or not at all.
///
/// Reads and searches see the changes made so far. Changes are kept in memory until the closure that `Store.write` was given returns, and then go to
/// the store in one commit; up to about 200 bytes an item, so load millions with `Store.bulkLoad`.
public struct Transaction: ~Copyable {
    let identity = Identity()
    let base: Snapshot
    var changes: Changes

    init(on base: consuming Snapshot) {
        changes = Changes(base.state.header)
        self.base = base
    }

    // MARK: Reading

    /// The number of bits of every code.
    public var bitWidth: Int { base.bitWidth }

    /// Which model made the codes, if the store was told.
    public var model: ModelIdentity? { base.model }

    /// The number of items.
    public var count: Int { base.count + changes.countChange }

    /// The largest id that the store has ever held, also if its item is deleted; nil if it never held one. As `Snapshot.largestID`.
    public var largestID: UInt64? { changes.largestID }

    /// The number that a snapshot has when what was changed so far is committed: as long as nothing is changed, that of the last commit, as
    /// `Snapshot.commitNumber`, for then there is no commit; from the first change on one more, whatever else is changed.
    ///
    /// A change is what a call was asked for, also where it leaves everything as it was: a payload that is set to what it is, for example, but not
    /// the deletion of an item that is not there. As there is one writer at a time, no other commit can have the number.
    public var commitNumber: UInt64 { changes.isEmpty ? base.commitNumber : base.commitNumber + 1 }

    /// Whether there is an item of that id.
    ///
    /// - Complexity: As `Snapshot.contains(_:)`, and O(log c) for c new items of the transaction; O(1) for an id larger than all.
    /// - Throws: `HashDBError.damaged`.
    public func contains(_ id: UInt64) throws -> Bool { try find(id).isThere }

    /// The code of an item, or nil if there is none of that id.
    ///
    /// - Complexity: As `contains(_:)`.
    /// - Throws: `HashDBError.damaged`.
    public func code(of id: UInt64) throws -> BinaryCode? {
        if let change = changes.items[id] { return change.code }
        if let row = changes.newest.row(ofID: id) { return try changes.newest.code(ofRow: row) }
        return changes.deletesAll ? nil : try base.code(of: id)
    }

    /// What was stored beside an item, or nil if there is no such item or nothing was.
    ///
    /// - Complexity: As `Snapshot.payload(of:)`.
    /// - Throws: `HashDBError.damaged`.
    public func payload(of id: UInt64) throws -> [UInt8]? {
        if let change = changes.payloads[id] { return change }
        return changes.deletesAll ? nil : try base.payload(of: id)
    }

    /// The item of that id, or nil if there is none.
    ///
    /// - Complexity: That of `code(of:)` and `payload(of:)`.
    /// - Throws: `HashDBError.damaged`.
    public func item(_ id: UInt64) throws -> Item? {
        guard let code = try code(of: id) else { return nil }
        return Item(id: id, code: code, payload: try payload(of: id))
    }

    /// A value that a program keeps in the store beside the items.
    ///
    /// - Complexity: As `Snapshot.attribute(_:)`.
    /// - Throws: `HashDBError.damaged`, `invalidName`.
    public func attribute(_ key: String) throws -> [UInt8]? {
        if let change = changes.attributes[AttributeKey(key)] { return change }
        return try base.attribute(key)
    }

    // MARK: Writing

    /// Adds an item.
    ///
    /// - Complexity: As `contains(_:)`.
    /// - Throws: `HashDBError.duplicateID` if there is one of that id; `codeWidthMismatch`, `damaged`.
    public mutating func insert(_ id: UInt64, code: BinaryCode, payload: [UInt8]? = nil) throws {
        let old = try find(id)
        guard !old.isThere else { throw HashDBError.duplicateID(id) }
        try put(id, code, payload, over: old)
    }

    /// Adds an item with its payload, if it has one.
    ///
    /// - Complexity: As `contains(_:)`.
    /// - Throws: As `insert(_:code:payload:)`.
    public mutating func insert(_ item: Item) throws {
        try insert(item.id, code: item.code, payload: item.payload)
    }

    /// Adds an item under the id after the largest. Returns the id.
    ///
    /// - Complexity: O(1).
    /// - Throws: `HashDBError.idsExhausted` if the largest possible id has been used; `codeWidthMismatch`.
    public mutating func insert(code: BinaryCode, payload: [UInt8]? = nil) throws -> UInt64 {
        guard largestID != .max else { throw HashDBError.idsExhausted }
        let id = largestID.map { $0 + 1 } ?? 0
        try put(id, code, payload, over: (place: nil, isThere: false))
        return id
    }

    /// Adds an item, or replaces the code and the payload of the one of that id: a payload that is left out or nil is removed, if there is one.
    ///
    /// To keep it, change the code alone by `setCode(_:of:)`.
    /// - Complexity: As `contains(_:)`.
    /// - Throws: `HashDBError.codeWidthMismatch`, `damaged`.
    public mutating func upsert(_ id: UInt64, code: BinaryCode, payload: [UInt8]? = nil) throws {
        try put(id, code, payload, over: try find(id))
    }

    /// Adds an item, or replaces the code and the payload of the one of that id: without a payload, what is beside that one is removed.
    ///
    /// - Complexity: As `contains(_:)`.
    /// - Throws: As `upsert(_:code:payload:)`.
    public mutating func upsert(_ item: Item) throws {
        try upsert(item.id, code: item.code, payload: item.payload)
    }

    /// Removes an item and its payload. Returns whether there was one of that id.
    ///
    /// - Complexity: As `contains(_:)`.
    /// - Throws: `HashDBError.damaged`.
    @discardableResult
    public mutating func delete(_ id: UInt64) throws -> Bool {
        let old = try find(id)
        guard old.isThere else { return false }
        changes.items[id] = .init(place: old.place, code: nil)
        changes.payloads[id] = .some(nil)
        changes.countChange -= 1
        return true
    }

    /// Removes all items and their payloads. Attributes stay, and ids are not given out anew. Returns how many items those were.
    ///
    /// Others may follow in the same transaction, so that the contents of a store are exchanged in one step. Where changes are recorded, all
    /// ids up to `largestID` count as touched; a store that follows deletes its items one by one, and needs a new copy where it has more than
    /// `Store.maximumReceivedChanges` of them.
    /// - Complexity: O(c) for c items that the transaction has changed. The commit gives back the space: O(p) for p pages, and eight bytes of
    ///   memory for each of them.
    @discardableResult
    public mutating func deleteAll() -> Int {
        let count = count
        if count > 0 { changes.deleteAll(of: base.count) }
        return count
    }

    /// Replaces the code of an item. What is stored beside it stays.
    ///
    /// - Complexity: As `contains(_:)`.
    /// - Throws: `HashDBError.unknownID` if there is no item of that id; `codeWidthMismatch`, `damaged`.
    public mutating func setCode(_ code: BinaryCode, of id: UInt64) throws {
        let old = try find(id)
        guard old.isThere else { throw HashDBError.unknownID(id) }
        try base.state.header.shape.check(code)
        changes.set(id, code, at: old.place)
    }

    /// Replaces what is stored beside an item; nil removes it. Its code stays.
    ///
    /// - Complexity: As `contains(_:)`.
    /// - Throws: `HashDBError.unknownID` if there is no item of that id; `damaged`.
    public mutating func setPayload(_ payload: [UInt8]?, of id: UInt64) throws {
        guard try contains(id) else { throw HashDBError.unknownID(id) }
        changes.payloads[id] = .some(payload)
    }

    /// Keeps a value in the store beside the items, under a key of 1 to 400 bytes of UTF-8; nil removes it.
    ///
    /// Keys of different bytes are two, even if Swift takes the texts for equal, as an é of one scalar and one of two.
    /// - Complexity: O(1).
    /// - Throws: `HashDBError.invalidName`.
    public mutating func setAttribute(_ value: [UInt8]?, forKey key: String) throws {
        try AttributeKey.check(key)
        changes.attributes[AttributeKey(key)] = .some(value)
    }

    // MARK: Where an item stands

    private typealias Standing = (place: StoreState.Place?, isThere: Bool)

    /// Where the last commit has an item, and whether there is one now.
    private func find(_ id: UInt64) throws -> Standing {
        if changes.isUnheardOf(id) { return (nil, false) }
        if let change = changes.items[id] { return (change.place, change.code != nil) }
        if changes.newest.row(ofID: id) != nil { return (nil, true) }
        let place = changes.deletesAll ? nil : try base.state.place(of: id, base.transaction)
        return (place, place != nil)
    }

    /// A new item has no payload that would have to be removed.
    private mutating func put(_ id: UInt64, _ code: BinaryCode, _ payload: [UInt8]?, over old: Standing) throws {
        try base.state.header.shape.check(code)
        changes.set(id, code, at: old.place)
        if payload != nil || old.isThere { changes.payloads[id] = .some(payload) }
        if !old.isThere { changes.countChange += 1 }
    }
}

extension Transaction: ItemReader {}
