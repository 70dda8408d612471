/// What `Store.rebuild(_:to:options:progress:)` saved of a collection, and what was lost.
public struct RebuildReport: Hashable, Sendable, Codable {
    /// The collection's name.
    public let collection: String
    /// Items in the new store.
    public internal(set) var items = 0
    /// Payloads beside them.
    public internal(set) var payloads = 0
    /// Attributes of the store.
    public internal(set) var attributes = 0
    /// One line for everything that is damaged or missing: where it is, what is wrong, and what was lost by it where that is known.
    public internal(set) var losses: [String] = []

    init(collection: String, losses: [String] = []) {
        self.collection = collection
        self.losses = losses
    }
}
