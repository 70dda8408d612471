import LMDB

/// A commit that brings a store to a position of another.
struct Arrival {
    let position: StorePosition
    /// The commit that it goes on from; nil where it replaces everything.
    let base: UInt64?
    private var ids: [ClosedRange<UInt64>] = []
    /// Keys of attributes that were set or removed; nil: perhaps any.
    var attributes: [String]?

    init(at position: StorePosition, after base: UInt64?, attributes: [String]?) {
        self.position = position
        self.base = base
        self.attributes = attributes
    }

    /// Adds ids that may have been touched.
    mutating func touch(_ range: ClosedRange<UInt64>) {
        ids.append(range)
        if ids.count > 2 * IDRanges.limitOfMany { ids = IDRanges(ids, limit: IDRanges.limitOfMany).ranges }
    }

    /// Records it as the other store would have, had it come there in one step, so that further stores may follow this one.
    func record(in log: ChangeLog, _ header: inout StoreHeader, _ transaction: borrowing WriteTransaction) throws {
        guard let base else { return try log.begin(&header, mark: position.mark, transaction) }
        let record = ChangeRecord(
            mark: position.mark, base: base, ids: IDRanges(ids, limit: IDRanges.limitOfRecord), attributes: attributes)
        try log.write(record, header, transaction)
    }
}
