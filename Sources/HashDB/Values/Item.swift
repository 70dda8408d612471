/// What a store keeps under an id.
public struct Item: Hashable, Sendable, Codable, Identifiable {
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
