/// Entries that lie one after the other in memory, in the order of ids.
struct EntryStretch {
    let count: Int
    /// The first code; a stride each.
    let codes: UnsafeRawPointer
    private let ids: UnsafeRawPointer
    private let firstOffset: UInt64?

    /// - Parameters:
    ///   - ids: The ids, 8 bytes each; or, if `firstOffset` is given, one number, by which the first id is that much larger and all follow
    ///     one another.
    init(count: Int, codes: UnsafeRawPointer, ids: UnsafeRawPointer, firstOffset: Int? = nil) {
        self.count = count
        self.codes = codes
        self.ids = ids
        self.firstOffset = firstOffset.map { UInt64($0) }
    }

    @inline(__always)
    func id(at index: Int) -> UInt64 {
        firstOffset.map { ids.number(at: 0) + $0 + UInt64(index) } ?? ids.number(at: 8 * index)
    }

    var lastID: UInt64 { id(at: count - 1) }

    /// Whether the ids ascend, from one that is larger than `last`.
    func ascends(after last: UInt64?) -> Bool {
        if let last, id(at: 0) <= last { return false }
        return firstOffset != nil || (1..<count).allSatisfy { id(at: $0 - 1) < id(at: $0) }
    }

    /// Adds the ids to an array.
    func appendIDs(to array: inout [UInt64]) {
        if firstOffset != nil { return array.append(contentsOf: id(at: 0)...lastID) }
        for index in 0..<count { array.append(ids.number(at: 8 * index)) }
    }
}
