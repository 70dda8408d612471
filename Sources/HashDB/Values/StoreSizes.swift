/// The bytes of a store's file by what they hold.
public struct StoreSizes: Hashable, Sendable, Codable {
    /// Ids and codes of the segments, in the order of ids.
    public let rows: Int
    /// The segments' tables: the buckets of all substrings.
    public let tables: Int
    /// What tells which items of the segments are deleted.
    public let deletions: Int
    /// The newest items, which are in no segment yet.
    public let delta: Int
    /// What is kept beside the codes.
    public let payloads: Int
    /// The header, and what programs keep beside the items.
    public let attributes: Int
    /// Free pages, the ends of pages, the trees that lead to the blocks, and the other collections of the file.
    public let rest: Int

    /// The file's size.
    public var file: Int { rows + tables + deletions + delta + payloads + attributes + rest }
}
