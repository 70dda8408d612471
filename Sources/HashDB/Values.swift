/// A stored code that a query has found.
public struct Match: Hashable, Sendable, Comparable, Codable {
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

/// What a store keeps under an id.
public struct Item: Hashable, Sendable, Codable {
    /// The caller's name of the item.
    public let id: UInt64
    /// Its code.
    public let code: BinaryCode
    /// What the caller has put beside it, if anything.
    public let payload: [UInt8]?

    /// An item of these parts.
    public init(id: UInt64, code: BinaryCode, payload: [UInt8]? = nil) {
        self.id = id
        self.code = code
        self.payload = payload
    }
}

/// Which model made the codes of a store. Codes of two models must never be compared.
public struct ModelIdentity: Hashable, Sendable, Codable {
    /// A name for people, for example `dnnh-nin32, 48 bits`.
    public let name: String
    /// A digest of all that the codes depend on. Two models with one fingerprint make the same codes.
    public let fingerprint: String

    /// The identity of these parts, of at most 1,024 UTF-8 bytes each.
    public init(name: String, fingerprint: String) {
        self.name = name
        self.fingerprint = fingerprint
    }
}

/// How a query is to be answered. Every plan gives the same answer.
public enum QueryPlan: String, Sendable, CaseIterable, Codable {
    /// By whichever of the two costs less, changing over in the middle if need be.
    case automatic = "auto"
    /// By probing buckets, wherever there are any.
    case probe
    /// By comparing with every code.
    case scan
}
