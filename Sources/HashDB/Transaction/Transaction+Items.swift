extension Transaction {
    /// Calls `body` on the items from id `first` on, in the order of ids, until it returns false: on the items as they are by now, with all
    /// changes that the transaction has made.
    ///
    /// It cannot change them meanwhile: gather the ids, and change those after it.
    /// - Parameters:
    ///   - first: The least id of interest.
    ///   - payloads: Whether to look payloads up; without, they are nil.
    ///   - body: What to do with an item. Returns whether to go on.
    /// - Complexity: That of `Snapshot.forEachItem(from:payloads:_:)`, and O(c log c) for c items that the transaction has changed.
    /// - Throws: `HashDBError.damaged`; `CancellationError` if the task is cancelled; what `body` throws.
    public func forEachItem(from first: UInt64 = 0, payloads: Bool = true, _ body: (Item) throws -> Bool) throws {
        let changed = changes.ids(from: first)
        var next = 0
        var cancellation = CancellationCheck()
        func tell(_ id: UInt64, _ code: BinaryCode) throws -> Bool {
            try cancellation.step()
            return try body(Item(id: id, code: code, payload: payloads ? try payload(of: id) : nil))
        }
        /// Those that were changed and come before a place.
        func tellChanged(before end: UInt64?) throws -> Bool {
            while next < changed.count, end.map({ changed[next] < $0 }) ?? true {
                let id = changed[next]
                next += 1
                if let code = try code(of: id), try !tell(id, code) { return false }
            }
            return true
        }
        var goesOn = true
        if !changes.deletesAll {
            try base.forEachItem(from: first, payloads: false) { item in
                goesOn = try tellChanged(before: item.id)
                // What it has become is told before the next one.
                let isChanged = next < changed.count && changed[next] == item.id
                if goesOn, !isChanged { goesOn = try tell(item.id, item.code) }
                return goesOn
            }
        }
        if goesOn { _ = try tellChanged(before: nil) }
    }
}

extension Changes {
    /// The items that have a new code, or are none any more, from an id on, in order.
    fileprivate func ids(from first: UInt64) -> [UInt64] {
        Set(items.keys).union(newest.ids).filter { $0 >= first }.sorted()
    }
}
