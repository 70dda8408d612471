/// Which items a search may find, by their ids.
///
/// The answer is exact: the nearest among those that the filter lets through. A search applies it on the way, whatever share of the store it
/// leaves: few ids are compared one by one, a range of ids is a part of the scan, and what is left otherwise is looked for in the buckets
/// as long as that is cheaper than a scan. Items that are in no segment yet are asked about one by one.
public struct ItemFilter: Sendable {
    enum Kind: Sendable {
        case all
        case range(ClosedRange<UInt64>)
        /// Ascending, without repeats.
        case ids([UInt64])
        case excluding([UInt64])
        case outside(ClosedRange<UInt64>)
        case matching(@Sendable (UInt64) -> Bool)
    }

    let kind: Kind

    /// Every item.
    public static let all = ItemFilter(kind: .all)

    /// Items whose ids lie in a range: of any kind, as `7...`, `..<100` or `7...9`; of an empty one, no item.
    ///
    /// - Complexity: O(1). A search then looks the ends of the range up, O(log n).
    public static func ids(in range: some RangeExpression<UInt64>) -> ItemFilter {
        ItemFilter(kind: closed(range).map { .range($0) } ?? .ids([]))
    }

    /// Items whose ids lie in a range, as `ids(in:)` has it: of a range no list is made.
    ///
    /// - Complexity: As `ids(in:)`.
    public static func ids(_ range: some Sequence<UInt64> & RangeExpression<UInt64>) -> ItemFilter { ids(in: range) }

    /// Items of these ids. Ids that the store does not have are no error. Make the filter once for many queries: it sorts the ids.
    ///
    /// - Complexity: O(k) for k ids that ascend, else O(k log k). A search then looks each id up, O(k log n), or, where they are more than an eighth of a
    ///   segment, asks about each item that it meets, O(log k).
    public static func ids(_ ids: some Sequence<UInt64>) -> ItemFilter { ItemFilter(kind: .ids(ascending(ids))) }

    /// Items of other ids than these.
    ///
    /// - Complexity: O(k) for k ids that ascend, else O(k log k). A search then asks about each item that it meets, O(log k), or, where they are
    ///   more than a 64th of a segment, looks each id up, O(k log n).
    public static func excluding(_ ids: some Sequence<UInt64>) -> ItemFilter {
        ItemFilter(kind: .excluding(ascending(ids)))
    }

    /// Items whose ids lie outside a range: of any kind, as in `ids(in:)`; of an empty one, every item.
    ///
    /// - Complexity: O(1). A search then looks the ends of the range up, O(log n). If items of a segment remain on both sides of it, the search asks
    ///   about each item that it meets, O(1), or, where the range has a 64th of the segment's items or more, marks these first, O(n / 64).
    public static func excluding(in range: some RangeExpression<UInt64>) -> ItemFilter {
        closed(range).map { ItemFilter(kind: .outside($0)) } ?? .all
    }

    /// Items whose ids lie outside a range, as `excluding(in:)` has it: of a range no list is made.
    ///
    /// - Complexity: As `excluding(in:)`.
    public static func excluding(_ range: some Sequence<UInt64> & RangeExpression<UInt64>) -> ItemFilter {
        excluding(in: range)
    }

    /// Items for whose ids the closure returns true. It must always return the same for an id. It is called for what a search meets nearby,
    /// or once for every item if few pass.
    public static func matching(_ predicate: @escaping @Sendable (UInt64) -> Bool) -> ItemFilter {
        ItemFilter(kind: .matching(predicate))
    }

    /// Whether an item of that id passes.
    ///
    /// - Complexity: O(log k) for a list of k ids; what a closure takes; else O(1).
    public func contains(_ id: UInt64) -> Bool {
        switch kind {
        case .all: true
        case .range(let range): range.contains(id)
        case .ids(let ids): Self.has(id, ids)
        case .excluding(let ids): !Self.has(id, ids)
        case .outside(let range): !range.contains(id)
        case .matching(let predicate): predicate(id)
        }
    }

    private static func has(_ id: UInt64, _ ids: [UInt64]) -> Bool {
        let place = partition(0, ids.count) { ids[$0] >= id }
        return place < ids.count && ids[place] == id
    }

    /// The ids of a range; nil if there are none.
    private static func closed(_ range: some RangeExpression<UInt64>) -> ClosedRange<UInt64>? {
        let ids = range.relative(to: EveryID())
        // Whose place in a collection would be behind the end.
        if range.contains(.max) { return ids.lowerBound...(.max) }
        return ids.isEmpty ? nil : ids.lowerBound...ids.upperBound - 1
    }

    private static func ascending(_ ids: some Sequence<UInt64>) -> [UInt64] {
        var all = Array(ids)
        if !zip(all, all.dropFirst()).allSatisfy({ $0 < $1 }) { all = Set(all).sorted() }
        return all
    }
}

/// All ids in order, against which ranges without ends are measured.
private struct EveryID: Collection {
    var startIndex: UInt64 { 0 }
    var endIndex: UInt64 { .max }
    func index(after id: UInt64) -> UInt64 { id == .max ? id : id + 1 }
    subscript(id: UInt64) -> UInt64 { id }
}
