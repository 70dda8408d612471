import LMDB

/// The live items of several parts of a store as one list in the order of ids.
///
/// Where two parts have an item of the same id, the later part's counts: of segments that are being loaded, the one that was given last.
struct EntryMerge {
    /// One part, at its next live entry.
    private struct Run {
        enum Source {
            case segment(StoreState.SegmentView)
            case delta(StoreState.DeltaView, [(id: UInt64, position: Int)])
        }
        let source: Source
        var next: Int
        let end: Int
        var id: UInt64 = 0
    }

    private let shape: CodeShape
    private var runs: [Run]

    /// Merges the entries from id `first` on.
    init(
        _ segments: [StoreState.SegmentView], _ delta: StoreState.DeltaView?, shape: CodeShape, from first: UInt64,
        _ transaction: borrowing ReadTransaction
    ) throws {
        self.shape = shape
        runs = try segments.map { view in
            Run(
                source: .segment(view), next: try view.segment.firstRow(atLeast: first, transaction),
                end: view.descriptor.rows)
        }
        if let delta {
            let positions = delta.livePositions(from: first)
            runs.append(Run(source: .delta(delta, positions), next: 0, end: positions.count))
        }
        for i in runs.indices { try settle(i, transaction) }
    }

    /// Calls `body` with ids and the addresses of codes until it returns false.
    mutating func forEach(
        _ transaction: borrowing ReadTransaction, _ body: (UInt64, UnsafeRawPointer) throws -> Bool
    ) throws {
        while let least = leastRun() {
            let id = runs[least].id
            guard try body(id, try address(of: runs[least], transaction)) else { return }
            for i in runs.indices where runs[i].next < runs[i].end && runs[i].id == id {
                runs[i].next += 1
                try settle(i, transaction)
            }
        }
    }

    /// The run whose next id is the least, of several the last; nil when all have ended.
    private func leastRun() -> Int? {
        var least: Int?
        for i in runs.indices where runs[i].next < runs[i].end {
            if least.map({ runs[i].id <= runs[$0].id }) ?? true { least = i }
        }
        return least
    }

    /// Moves to the next entry that is not deleted, and looks its id up.
    private mutating func settle(_ index: Int, _ transaction: borrowing ReadTransaction) throws {
        switch runs[index].source {
        case .segment(let view):
            if let deleted = view.deleted {
                while runs[index].next < runs[index].end, deleted[runs[index].next] { runs[index].next += 1 }
            }
            if runs[index].next < runs[index].end {
                runs[index].id = try view.segment.id(ofRow: runs[index].next, transaction)
            }
        case .delta(_, let positions):
            if runs[index].next < runs[index].end { runs[index].id = positions[runs[index].next].id }
        }
    }

    private func address(of run: Run, _ transaction: borrowing ReadTransaction) throws -> UnsafeRawPointer {
        switch run.source {
        case .segment(let view): try view.segment.codeAddress(ofRow: run.next, transaction)
        case .delta(let delta, let positions): delta.codeAddress(positions[run.next].position, shape)
        }
    }
}

extension StoreState.DeltaView {
    /// The live entries of ids from `first` on, in the order of ids.
    fileprivate func livePositions(from first: UInt64) -> [(id: UInt64, position: Int)] {
        (0..<count)
            .filter { deleted?[$0] != true }
            .map { (id: id(at: $0), position: $0) }
            .filter { $0.id >= first }
            .sorted { $0.id < $1.id }
    }
}
