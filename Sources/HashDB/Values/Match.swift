/// A stored code that a query has found.
public struct Match: Hashable, Sendable, Comparable, Codable, Identifiable {
    /// The caller's name of the item.
    public let id: UInt64
    /// In how many bits its code differs from the query's.
    public let distance: Int

    /// A match of the item `id` at `distance` bits.
    public init(id: UInt64, distance: Int) {
        self.id = id
        self.distance = distance
    }

    /// The order of results: by distance, then by id.
    public static func < (a: Match, b: Match) -> Bool { (a.distance, a.id) < (b.distance, b.id) }
}
