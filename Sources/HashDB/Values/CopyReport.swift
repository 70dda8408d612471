/// What a copy of a store came to.
public struct CopyReport: Hashable, Sendable, Codable {
    /// The size in bytes of the file that was copied, free pages among them.
    public let sourceBytes: Int
    /// The size in bytes of the copy, which has none.
    public let bytes: Int
    /// Whether an unfinished copy was removed that a killed process had left.
    public let hasReplacedRemains: Bool
}
