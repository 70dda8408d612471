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
