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

extension CodeRun {
    /// Both runs in one, in the order of ids, of which they have none in common.
    ///
    /// - Precondition: the ids of both ascend.
    func merged(with other: CodeRun) -> CodeRun {
        guard let last = ids.last, let first = other.ids.first else { return count == 0 ? other : self }
        if let otherLast = other.ids.last, let ownFirst = ids.first, otherLast < ownFirst {
            return other.merged(with: self)
        }
        var merged = self
        if last < first {
            merged.ids += other.ids
            merged.codes += other.codes
            return merged
        }
        merged = CodeRun(shape: shape)
        merged.reserve(count + other.count)
        codes.withUnsafeBytes { a in
            other.codes.withUnsafeBytes { b in
                guard let a = a.baseAddress, let b = b.baseAddress else { return }
                var i = 0
                var j = 0
                while i < count || j < other.count {
                    if j == other.count || (i < count && ids[i] < other.ids[j]) {
                        merged.append(ids[i], codeAt: a + i * shape.stride)
                        i += 1
                    } else {
                        merged.append(other.ids[j], codeAt: b + j * shape.stride)
                        j += 1
                    }
                }
            }
        }
        return merged
    }
}
