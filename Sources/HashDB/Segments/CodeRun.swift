import CHamming

/// Ids and codes in memory, on their way into a segment.
package struct CodeRun: Sendable {
    let shape: CodeShape
    var ids: [UInt64] = []
    /// A stride each.
    var codes: [UInt8] = []

    init(shape: CodeShape) { self.shape = shape }

    var count: Int { ids.count }

    mutating func reserve(_ count: Int) {
        ids.reserveCapacity(count)
        codes.reserveCapacity(count * shape.stride)
    }

    mutating func append(_ id: UInt64, codeAt address: UnsafeRawPointer) {
        ids.append(id)
        codes.append(contentsOf: UnsafeRawBufferPointer(start: address, count: shape.stride))
    }

    mutating func append(_ stretch: EntryStretch) {
        stretch.appendIDs(to: &ids)
        codes.append(contentsOf: UnsafeRawBufferPointer(start: stretch.codes, count: stretch.count * shape.stride))
    }

    /// Removes all rows, and keeps the memory for others.
    mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        codes.removeAll(keepingCapacity: true)
    }

    /// Calls `body` with stretches of up to `length` rows, one after the other.
    ///
    /// - Precondition: the ids ascend.
    func forEachStretch(ofLength length: Int, _ body: (EntryStretch) throws -> Void) rethrows {
        try ids.withUnsafeBytes { ids in
            try codes.withUnsafeBytes { codes in
                guard let ids = ids.baseAddress, let codes = codes.baseAddress else { return }
                for start in stride(from: 0, to: count, by: length) {
                    try body(
                        EntryStretch(
                            count: min(length, count - start), codes: codes + start * shape.stride,
                            ids: ids + 8 * start))
                }
            }
        }
    }

    /// Orders the run by id, of equal ids keeping the one that was appended last.
    mutating func sortKeepingLast() {
        guard zip(ids, ids.dropFirst()).contains(where: { $0 >= $1 }) else { return }
        var order = [UInt32](repeating: 0, count: count)
        withUnsafeTemporaryAllocation(byteCount: 24 * count, alignment: 8) { scratch in
            hamming_sort_ids(&ids, &order, count, scratch.baseAddress)
        }
        let stride = shape.stride
        let unsorted = codes
        var kept = 0
        unsorted.withUnsafeBytes { from in
            codes.withUnsafeMutableBytes { to in
                guard let from = from.baseAddress, let to = to.baseAddress else { return }
                for row in 0..<order.count where row + 1 == order.count || ids[row] != ids[row + 1] {
                    ids[kept] = ids[row]
                    (to + kept * stride).copyMemory(from: from + Int(order[row]) * stride, byteCount: stride)
                    kept += 1
                }
            }
        }
        ids.removeLast(order.count - kept)
        codes.removeLast((order.count - kept) * stride)
    }
}
