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

extension Snapshot {
    /// Calls `body` on every bucket that holds an item, segment by segment, substring by substring, in the order of values.
    ///
    /// The delta is in no bucket.
    /// - Throws: `HashDBError.damaged`; what `body` throws.
    public func forEachBucket(_ body: (Bucket) throws -> Void) throws {
        let shape = state.header.shape
        try forEachBucket { index, substring, value, positions, block in
            let view = state.segments[index]
            var items: [Item] = []
            for position in positions {
                let row = block.row(at: position)
                if view.deleted?[row] == true { continue }
                items.append(
                    Item(
                        id: try view.segment.id(ofRow: row, transaction),
                        code: try shape.code(at: block.code(at: position))))
            }
            guard !items.isEmpty else { return }
            let start = view.descriptor.start(ofSubstring: substring, shape)
            try body(
                Bucket(
                    segment: view.descriptor.number, substring: substring,
                    bits: start..<start + view.descriptor.substringBits,
                    value: value, items: items))
        }
    }
}
