/// The codes of a segment that share the value of a substring, for looking at the index itself.
public struct Bucket: Hashable, Sendable {
    /// The segment's number.
    public let segment: UInt64
    /// The substring's number, from 0.
    public let substring: Int
    /// The first bit of the substring, and how many it has.
    public let bits: Range<Int>
    /// The value of the substring.
    public let value: Int
    /// The ids and codes, in the order of ids. Deleted ones that no fold has left out yet are not among them.
    public let items: [Item]
}
