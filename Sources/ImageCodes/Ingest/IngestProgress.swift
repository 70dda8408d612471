/// How far a run of `Ingest` has come.
public struct IngestProgress: Hashable, Sendable {
    /// What the run is doing.
    public enum Phase: Hashable, Sendable {
        /// Images are read, encoded and committed.
        case ingesting
        /// Files that have vanished are looked for, and their places removed.
        case removing
    }

    /// Nothing is done yet.
    public init() {}

    /// What the run is doing.
    public var phase = Phase.ingesting
    /// Files that may be images, as far as counted; grows until `isTotalKnown`.
    public var total = 0
    /// Whether all files are counted.
    public var isTotalKnown = false
    /// Files dealt with: encoded, unchanged or failed. Those that are not yet committed count.
    public var handled = 0
    /// Files that the store has already, unchanged.
    public var unchanged = 0
    /// Files whose places are committed: new, changed, moved, copied and linked ones.
    public var committed = 0
    /// Files that gave no code.
    public var failed = 0
    /// Files dealt with in a second, of late.
    public var rate = 0.0
    /// Seconds that the rest will take at this rate; `nil` while that cannot be told.
    public var secondsLeft: Double? {
        isTotalKnown && rate > 0 ? Double(max(total - handled, 0)) / rate : nil
    }
}
