/// What a read and a write have in common: a `Snapshot` shows the items of the last commit, a `Transaction` the same with its own changes.
///
/// So that what asks a store is written once for both:
///
/// ```swift
/// func idOfWhatIsNear(_ code: BinaryCode, in items: borrowing some ItemReader & ~Copyable) throws -> UInt64? {
///     try items.nearest(to: code, count: 1, within: 3).first?.id
/// }
/// ```
///
/// What the calls cost and throw is said at those of `Snapshot`, and at those of `Transaction` where it differs there.
public protocol ItemReader: ~Copyable {
    /// The number of bits of every code.
    var bitWidth: Int { get }

    /// Which model made the codes, if the store was told.
    var model: ModelIdentity? { get }

    /// The number of items.
    var count: Int { get }

    /// The largest id that the store has ever held, also if its item is deleted; nil if it never held one.
    var largestID: UInt64? { get }

    /// Whether there is an item of that id.
    ///
    /// - Throws: `HashDBError.damaged`.
    func contains(_ id: UInt64) throws -> Bool

    /// The code of an item, or nil if there is none of that id.
    ///
    /// - Throws: `HashDBError.damaged`.
    func code(of id: UInt64) throws -> BinaryCode?

    /// What was stored beside an item, or nil if there is no such item or nothing was.
    ///
    /// - Throws: `HashDBError.damaged`.
    func payload(of id: UInt64) throws -> [UInt8]?

    /// The item of that id, or nil if there is none.
    ///
    /// - Throws: `HashDBError.damaged`.
    func item(_ id: UInt64) throws -> Item?

    /// A value that a program keeps in the store beside the items.
    ///
    /// - Throws: `HashDBError.damaged`, `invalidName`.
    func attribute(_ key: String) throws -> [UInt8]?

    /// The `count` items nearest to a code, fewer if there are fewer, ordered by distance and then by id.
    ///
    /// - Throws: As `Snapshot.nearest(to:count:among:plan:)`.
    func nearest(to code: BinaryCode, count: Int, among filter: ItemFilter, plan: QueryPlan) throws -> [Match]

    /// The `count` items nearest to a code of those within `radius` bits of it, the radius included; fewer if there are fewer, ordered by
    /// distance and then by id.
    ///
    /// - Throws: As `Snapshot.nearest(to:count:within:among:plan:)`.
    func nearest(
        to code: BinaryCode, count: Int, within radius: Int, among filter: ItemFilter, plan: QueryPlan
    ) throws -> [Match]

    /// All items within `radius` bits of a code, the radius included, ordered by distance and then by id.
    ///
    /// - Throws: As `Snapshot.within(radius:of:among:plan:)`.
    func within(radius: Int, of code: BinaryCode, among filter: ItemFilter, plan: QueryPlan) throws -> [Match]

    /// Calls `body` on the items from id `first` on, in the order of ids, until it returns false; without `payloads`, theirs are nil.
    ///
    /// - Throws: As `Snapshot.forEachItem(from:payloads:_:)`.
    func forEachItem(from first: UInt64, payloads: Bool, _ body: (Item) throws -> Bool) throws

    /// Calls `body` on the attributes whose keys begin with a prefix, in the order of the keys' bytes, until it returns false.
    ///
    /// - Throws: As `Snapshot.forEachAttribute(withPrefix:_:)`.
    func forEachAttribute(withPrefix prefix: String, _ body: (String, [UInt8]) throws -> Bool) throws
}

extension Snapshot: ItemReader {}

// What a requirement cannot have: arguments that may be left out. The types themselves have calls of their own with these.
extension ItemReader where Self: ~Copyable {
    /// The `count` items nearest to a code, as the planner finds cheapest.
    ///
    /// - Throws: As `Snapshot.nearest(to:count:among:plan:)`.
    public func nearest(to code: BinaryCode, count: Int, among filter: ItemFilter = .all) throws -> [Match] {
        try nearest(to: code, count: count, among: filter, plan: .automatic)
    }

    /// The `count` items nearest to a code of those within `radius` bits of it, as the planner finds cheapest.
    ///
    /// - Throws: As `Snapshot.nearest(to:count:within:among:plan:)`.
    public func nearest(
        to code: BinaryCode, count: Int, within radius: Int, among filter: ItemFilter = .all
    ) throws -> [Match] {
        try nearest(to: code, count: count, within: radius, among: filter, plan: .automatic)
    }

    /// All items within `radius` bits of a code, as the planner finds cheapest.
    ///
    /// - Throws: As `Snapshot.within(radius:of:among:plan:)`.
    public func within(radius: Int, of code: BinaryCode, among filter: ItemFilter = .all) throws -> [Match] {
        try within(radius: radius, of: code, among: filter, plan: .automatic)
    }

    /// Calls `body` on all items, in the order of ids, until it returns false; without `payloads`, theirs are nil.
    ///
    /// - Throws: As `Snapshot.forEachItem(from:payloads:_:)`.
    public func forEachItem(payloads: Bool = true, _ body: (Item) throws -> Bool) throws {
        try forEachItem(from: 0, payloads: payloads, body)
    }

    /// Calls `body` on the items from id `first` on with their payloads, in the order of ids, until it returns false.
    ///
    /// - Throws: As `Snapshot.forEachItem(from:payloads:_:)`.
    public func forEachItem(from first: UInt64, _ body: (Item) throws -> Bool) throws {
        try forEachItem(from: first, payloads: true, body)
    }
}
