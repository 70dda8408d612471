/// What a shipment has done to a store.
public struct Reception: Hashable, Sendable, Codable {
    /// Where the store is now.
    public let position: StorePosition
    /// Items that were put, or got another code or payload.
    public let changed: Int
    /// Items that were deleted.
    public let deleted: Int
    /// Whether the store was there already, so that nothing was to be done.
    public let wasThere: Bool
}
