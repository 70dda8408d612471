/// What the commits after a position touched.
public struct RecordedChanges: Hashable, Sendable {
    /// Where they end: the snapshot's own position.
    public let position: StorePosition
    /// Ids that were put or deleted, or of which the payload was replaced, as ranges in ascending order. Ids that were not touched may be
    /// included: those between others, where there would be too many ranges, and all up to the largest after a `Transaction.deleteAll()`.
    public let ids: [ClosedRange<UInt64>]
    /// Keys of attributes that were set or removed; nil: so many that any may have been.
    public let attributes: [String]?
}
