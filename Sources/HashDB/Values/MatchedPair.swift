/// Two items whose codes differ in at most the radius that was asked for.
public struct MatchedPair: Hashable, Sendable, Codable {
    /// The lesser of the two ids.
    public let a: UInt64
    /// The greater.
    public let b: UInt64
    /// In how many bits the codes differ.
    public let distance: Int

    /// The pair of two items, in whichever order they come.
    public init(_ one: UInt64, _ other: UInt64, distance: Int) {
        a = min(one, other)
        b = max(one, other)
        self.distance = distance
    }

    /// The pair that a decoder has, in whichever order the two come.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try values.decode(UInt64.self, forKey: .a), try values.decode(UInt64.self, forKey: .b),
            distance: try values.decode(Int.self, forKey: .distance))
    }
}
