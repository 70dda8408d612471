extension Snapshot {
    /// Calls `body` on the items from id `first` on, in the order of ids, until it returns false.
    ///
    /// - Parameters:
    ///   - first: The least id of interest.
    ///   - payloads: Whether to look payloads up; without, they are nil.
    ///   - body: What to do with an item. Returns whether to go on.
    /// - Complexity: O(d log d) to begin with, for d items that are in no segment yet (as a rule 16,384 at most): they are copied and sorted,
    ///   so that `item(_:)` is better for a few. Then O(1) an item where ids came in their order, O(s) where segments alternate, and that of
    ///   `payload(of:)` with payloads.
    /// - Throws: `HashDBError.damaged`; `CancellationError` if the task is cancelled; what `body` throws.
    public func forEachItem(from first: UInt64 = 0, payloads: Bool = true, _ body: (Item) throws -> Bool) throws {
        let shape = state.header.shape
        var cancellation = CancellationCheck()
        try forEachEntry(from: first) { id, address in
            try cancellation.step()
            return try body(
                Item(id: id, code: try shape.code(at: address), payload: payloads ? try payload(of: id) : nil))
        }
    }

    /// Calls `body` on all items of a range of ids, in their order; to the end, also if the task is cancelled, as a writer that is not `async`
    /// wants it.
    func forEachItem(in range: ClosedRange<UInt64>, _ body: (Item) throws -> Void) throws {
        // To begin a walk, the whole delta is gone through: the items of a short range are found sooner one by one.
        if range.upperBound - range.lowerBound < 64 {
            for id in range { if let item = try item(id) { try body(item) } }
        } else {
            let shape = state.header.shape
            try forEachEntry(from: range.lowerBound) { id, address in
                guard id <= range.upperBound else { return false }
                try body(Item(id: id, code: try shape.code(at: address), payload: try payload(of: id)))
                return true
            }
        }
    }

    /// Calls `body` on ids and the addresses of codes from id `first` on, in the order of ids, until it returns false. Who is to end with the
    /// task asks in `body`.
    func forEachEntry(from first: UInt64 = 0, _ body: (UInt64, UnsafeRawPointer) throws -> Bool) throws {
        var merge = try EntryMerge(
            state.segments, state.delta, shape: state.header.shape, from: first, transaction)
        try merge.forEach(stride: state.header.shape.stride, transaction, body)
    }
}
