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

    mutating func removeFirst(_ count: Int) {
        ids.removeFirst(count)
        codes.removeFirst(count * shape.stride)
    }

    /// Orders the run by id, of equal ids keeping the one that was appended last.
    mutating func sortKeepingLast() {
        guard !zip(ids, ids.dropFirst()).allSatisfy({ $0 < $1 }) else { return }
        let order = ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }
        var sorted = CodeRun(shape: shape)
        sorted.reserve(count)
        codes.withUnsafeBytes { codes in
            guard let base = codes.baseAddress else { return }
            for (i, index) in order.enumerated() where i + 1 == order.count || ids[order[i + 1]] != ids[index] {
                sorted.append(ids[index], codeAt: base + index * shape.stride)
            }
        }
        self = sorted
    }
}
