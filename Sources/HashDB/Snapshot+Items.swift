import LMDB

extension Snapshot {
    /// Calls `body` on the items from id `first` on, in the order of ids, until it returns false.
    ///
    /// - Parameters:
    ///   - first: The least id of interest.
    ///   - payloads: Whether to look payloads up; without, they are nil.
    ///   - body: What to do with an item. Returns whether to go on.
    /// - Throws: `HashDBError.damaged`; what `body` throws.
    public func forEachItem(from first: UInt64 = 0, payloads: Bool = true, _ body: (Item) throws -> Bool) throws {
        let shape = state.header.shape
        try forEachEntry(from: first) { id, address in
            try body(Item(id: id, code: try shape.code(at: address), payload: payloads ? try payload(of: id) : nil))
        }
    }

    /// The same on ids and the addresses of codes: a merge of the segments and the delta, each in the order of ids.
    func forEachEntry(from first: UInt64 = 0, _ body: (UInt64, UnsafeRawPointer) throws -> Bool) throws {
        var runs: [Run] = try state.segments.map { view in
            Run(
                source: .segment(view), next: try view.segment.firstRow(atLeast: first, transaction),
                end: view.descriptor.rows)
        }
        let positions = deltaPositions(from: first)
        runs.append(Run(source: .delta(positions), next: 0, end: positions.count))
        for i in runs.indices { try settle(&runs[i]) }
        while let least = Self.least(of: runs) {
            guard try body(runs[least].id, try address(of: runs[least])) else { return }
            runs[least].next += 1
            try settle(&runs[least])
        }
    }

    /// The run whose next id is the least; nil when all have ended.
    private static func least(of runs: [Run]) -> Int? {
        var least: Int?
        for i in runs.indices where runs[i].next < runs[i].end {
            if least.map({ runs[i].id < runs[$0].id }) ?? true { least = i }
        }
        return least
    }

    /// One source of the merge, at its next live entry.
    private struct Run {
        enum Source {
            case segment(StoreState.SegmentView)
            case delta([(id: UInt64, position: Int)])
        }
        let source: Source
        var next: Int
        let end: Int
        var id: UInt64 = 0
    }

    /// Moves to the next entry that is not deleted, and looks its id up.
    private func settle(_ run: inout Run) throws {
        switch run.source {
        case .segment(let view):
            if let deleted = view.deleted {
                while run.next < run.end, deleted[run.next] { run.next += 1 }
            }
            if run.next < run.end { run.id = try view.segment.id(ofRow: run.next, transaction) }
        case .delta(let positions):
            if run.next < run.end { run.id = positions[run.next].id }
        }
    }

    private func address(of run: Run) throws -> UnsafeRawPointer {
        switch run.source {
        case .segment(let view): try view.segment.codeAddress(ofRow: run.next, transaction)
        case .delta(let positions): state.delta.codeAddress(positions[run.next].position, state.header.shape)
        }
    }

    private func deltaPositions(from first: UInt64) -> [(id: UInt64, position: Int)] {
        (0..<state.delta.count)
            .filter { state.delta.deleted?[$0] != true }
            .map { (id: state.delta.id(at: $0), position: $0) }
            .filter { $0.id >= first }
            .sorted { $0.id < $1.id }
    }
}
