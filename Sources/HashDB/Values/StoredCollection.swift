/// What a file says of one of its collections.
public struct StoredCollection: Hashable, Sendable, Codable, Identifiable {
    /// The name: `Store.defaultCollection`, or the one that it was made under.
    public let name: String
    /// The number of bits of every code.
    public let bitWidth: Int
    /// Which model made the codes, if the store was told.
    public let model: ModelIdentity?
    /// The number of items.
    public let count: Int

    /// The name, which no other collection of the file has.
    public var id: String { name }
}
