/// A commit of a store that records its changes: its number, and a mark drawn at random that tells it from every other commit of that
/// number, whose contents are others.
///
/// Stores at one position hold the same.
public struct StorePosition: Hashable, Sendable, Codable {
    /// The number of the commit, `Snapshot.commitNumber`.
    public let commit: UInt64
    /// The mark.
    public let mark: UInt64

    /// The position of these parts.
    public init(commit: UInt64, mark: UInt64) {
        self.commit = commit
        self.mark = mark
    }
}

extension StorePosition: LosslessStringConvertible {
    /// The number, a hyphen and the mark in 16 hexadecimal digits: `41-9f3a6c0d12e45b78`.
    public var description: String { "\(commit)-\(BinaryCode(mark))" }

    /// The position that a text is the description of; nil if it is none.
    public init?(_ description: String) {
        let parts = description.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 16, let commit = UInt64(parts[0]),
            let mark = UInt64(parts[1], radix: 16)
        else { return nil }
        self.init(commit: commit, mark: mark)
    }
}
