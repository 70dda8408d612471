/// What a transaction has done so far, to be applied in one go when it commits.
struct Changes {
    /// What becomes of an item.
    struct ItemChange {
        /// Where the last commit has the item; nil if it has none.
        let place: StoreState.Place?
        /// nil deletes.
        let code: BinaryCode?
    }

    /// New items whose ids were the largest when they came, in the order of ids. A change in `items` overrides the one here.
    var newest: CodeRun
    /// What becomes of all other items.
    var items: [UInt64: ItemChange] = [:]
    /// nil removes.
    var payloads: [UInt64: [UInt8]?] = [:]
    /// nil removes.
    var attributes: [AttributeKey: [UInt8]?] = [:]
    /// Whether all items of the last commit are deleted: then all else here came after that, and nothing in `items` has a place.
    private(set) var deletesAll = false
    /// By how many items there are more.
    var countChange = 0
    /// The largest id, of those of the last commit too.
    var largestID: UInt64?

    init(_ header: StoreHeader) {
        newest = CodeRun(shape: header.shape)
        largestID = header.largestID
    }

    /// What is touched, to be recorded under the commit that follows another.
    func record(after base: UInt64) -> ChangeRecord {
        ChangeRecord(
            mark: .random(in: .min ... .max), base: base, ids: touchedIDs,
            attributes: attributes.keys.map(\.text).sorted())
    }

    private var touchedIDs: IDRanges {
        if deletesAll, let largestID { return IDRanges([0...largestID], limit: IDRanges.limitOfRecord) }
        return IDRanges(ascending: Set(items.keys).union(payloads.keys).union(newest.ids).sorted())
    }

    var isEmpty: Bool {
        newest.count == 0 && items.isEmpty && payloads.isEmpty && attributes.isEmpty && !deletesAll
    }

    /// Whether an id is larger than all that were ever stored or given, so that nothing is known of it.
    func isUnheardOf(_ id: UInt64) -> Bool { largestID.map { id > $0 } ?? true }

    /// Sets the code of an item that lies at `place` as of the last commit.
    mutating func set(_ id: UInt64, _ code: BinaryCode, at place: StoreState.Place?) {
        if isUnheardOf(id) {
            newest.append(id, code)
            largestID = id
        } else {
            items[id] = ItemChange(place: place, code: code)
        }
    }

    /// Deletes all items: those of the last commit, of which there are so many, and the new ones.
    mutating func deleteAll(of count: Int) {
        newest = CodeRun(shape: newest.shape)
        items = [:]
        payloads = [:]
        deletesAll = true
        countChange = -count
    }
}
