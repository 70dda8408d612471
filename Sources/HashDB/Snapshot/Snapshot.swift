import LMDB

/// The store as of one commit. Later commits, here or in other processes, do not show in it.
///
/// A snapshot lives as long as the closure that `Store.read` hands it to; it cannot leave it. Keep it short: the space of what is
/// deleted or replaced meanwhile is used again only when it has ended.
///
/// Complexities are told for n items, in s parts: the segments, of which there are a handful, and the blocks of 512 new items that are in none
/// yet, as a rule 32 at most. Besides, a process reads and checks each block of the file as a whole when it first meets it.
public struct Snapshot: ~Copyable {
    let transaction: ReadTransaction
    let state: StoreState
    let databases: Databases
    let environment: Environment
    let path: String

    /// The number of items.
    public var count: Int { state.header.itemCount }

    /// The number of bits of every code.
    public var bitWidth: Int { state.header.bitWidth }

    /// Which model made the codes, if the store was told.
    public var model: ModelIdentity? { state.header.model }

    /// The largest id that the store has ever held, also if its item is deleted; nil if it never held one. Where a `receive` has replaced
    /// everything, it is the other store's, which may be less.
    public var largestID: UInt64? { state.header.largestID }

    /// The number of commits so far that changed an item or an attribute; what `Store.receive` brings has the number of the store that it is from.
    ///
    /// Numbers compare along one history: there, equal ones mean equal contents. A `receive` that replaces everything takes over the history of
    /// the other store, whose number may be equal or less, and so does a file that takes the name of this one; `position` tells histories apart.
    public var commitNumber: UInt64 { state.header.commit }

    /// Tells its commit from all others, those of the same number among them.
    package var commitIdentity: CommitIdentity { state.commit }

    /// Whether there is an item of that id.
    ///
    /// - Complexity: O(s log n); O(1) for an id larger than `largestID`.
    /// - Throws: `HashDBError.damaged`.
    public func contains(_ id: UInt64) throws -> Bool { try state.place(of: id, transaction) != nil }

    /// The code of an item, or nil if there is none of that id.
    ///
    /// - Complexity: As `contains(_:)`.
    /// - Throws: `HashDBError.damaged`.
    public func code(of id: UInt64) throws -> BinaryCode? {
        switch try state.place(of: id, transaction) {
        case nil: nil
        case .delta(let position):
            try state.header.shape.code(at: state.delta.codeAddress(position, state.header.shape))
        case .segment(let index, let row): try state.segments[index].segment.code(ofRow: row, transaction)
        }
    }

    /// What was stored beside an item, or nil if there is no such item or nothing was.
    ///
    /// - Complexity: O(log p) for p payloads, and O(b) for b bytes, which are checked and copied.
    /// - Throws: `HashDBError.damaged`.
    public func payload(of id: UInt64) throws -> [UInt8]? {
        try withKey(id) { try checkedValue($0, databases.payloads, "payload of id \(id)") }
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
    /// - Complexity: O(log a) for a attributes, and O(b) for b bytes, which are checked and copied.
    /// - Throws: `HashDBError.damaged`, `invalidName`.
    public func attribute(_ key: String) throws -> [UInt8]? {
        try AttributeKey.check(key)
        return try withKey(key) { try checkedValue($0, databases.attributes, "attribute \(key)") }
    }

    /// The caller's bytes under a key, if there are any.
    private func checkedValue(
        _ key: UnsafeRawBufferPointer, _ database: Database, _ part: @autoclosure () -> String
    ) throws -> [UInt8]? {
        guard let value = try transaction.value(of: key, in: database) else { return nil }
        guard let bytes = CheckedValue.decode(value, under: key) else {
            throw HashDBError.damaged(path: path, part: part(), reason: "its checksum does not match")
        }
        return bytes
    }
}
