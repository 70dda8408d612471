import LMDB

/// Which parts of a store are to be merged into one new segment.
///
/// Segments whose sizes fall by a factor of four keep their number at the logarithm of the store's size, and rewrite an item as many times
/// at most. Each merge takes the delta and, from the smallest on, every segment that is at most four times what is taken already.
struct FoldPlan {
    var segments: [StoreState.SegmentView]
    static let growth = 4
    /// A merge holds ids and codes in memory: this many bytes of them at most, unless it is asked for.
    static let maximumBytes = 1 << 29

    /// What is due, or nil if nothing is.
    static func due(_ state: StoreState) -> FoldPlan? {
        let mostlyDeleted = state.segments.filter { 4 * $0.descriptor.tombstones > $0.descriptor.rows }
        let isDeltaFull = state.delta.count > DeltaBlock.foldingThreshold
        guard isDeltaFull || !mostlyDeleted.isEmpty else { return nil }
        return tier(state, from: state.delta.count, alsoTaking: mostlyDeleted)
    }

    /// What is due when new segments have come beside the others.
    static func dueAfterLoading(_ state: StoreState) -> FoldPlan? {
        let plan = tier(state, from: state.delta.count, alsoTaking: [])
        return plan.segments.count > 1 ? plan : due(state)
    }

    /// Everything, or nil if there is one clean segment already.
    static func all(_ state: StoreState) -> FoldPlan? {
        let isClean =
            state.delta.count == 0 && state.segments.count <= 1
            && state.segments.allSatisfy { $0.descriptor.tombstones == 0 }
        return isClean ? nil : FoldPlan(segments: state.segments)
    }

    private static func tier(_ state: StoreState, from rows: Int, alsoTaking others: [StoreState.SegmentView])
        -> FoldPlan
    {
        let shape = state.header.shape
        var total = rows
        var taken: [StoreState.SegmentView] = []
        for view in state.segments.sorted(by: { $0.liveRows < $1.liveRows }) {
            let isOther = others.contains { $0.descriptor.number == view.descriptor.number }
            let sum = total + view.liveRows
            let fits = sum * (8 + shape.stride) <= maximumBytes && sum <= SegmentLayout.maximumRows
            guard isOther || (fits && (total == 0 || view.liveRows <= growth * total)) else { continue }
            total = sum
            taken.append(view)
        }
        return FoldPlan(segments: taken)
    }
}

extension StoreWriter {
    /// Merges the delta and the planned segments into one new segment, leaving out what is deleted, and removes them.
    func fold(_ plan: FoldPlan, _ state: StoreState) throws {
        environment.clearStaleReaders()
        var run = try environment.read { try deltaRun(state, $0) }
        for view in plan.segments.sorted(by: { $0.liveRows < $1.liveRows }) {
            run = run.merged(with: try environment.read { try liveRows(of: view, $0) })
        }
        let new = run.count == 0 ? nil : try writeSegment(run)
        try environment.write { transaction in
            var header = try StoreHeader.read(from: transaction, databases, path: path)
            for view in plan.segments { try removeBlocks(ofSegment: view.descriptor.number, transaction) }
            try transaction.removeAll(in: databases.delta)
            header.segments.removeAll { old in plan.segments.contains { $0.descriptor.number == old.number } }
            if let new { header.segments.append(new) }
            header.deltaCount = 0
            header.unfinishedSegment = 0
            try header.write(to: transaction, databases)
        }
    }

    private func deltaRun(_ state: StoreState, _ transaction: borrowing ReadTransaction) throws -> CodeRun {
        var run = CodeRun(shape: state.header.shape)
        // The state's blocks lie in the map of a snapshot that has ended: look them up again.
        for index in state.delta.blocks.indices {
            let block = try DeltaBlock.view(index, run.shape, transaction, databases, path)
            for position in 0..<block.count where !block.isDeleted(at: position) {
                run.append(block.id(at: position), codeAt: block.codes + position * run.shape.stride)
            }
        }
        run.sortKeepingLast()
        return run
    }

    private func liveRows(of view: StoreState.SegmentView, _ transaction: borrowing ReadTransaction) throws -> CodeRun {
        var run = CodeRun(shape: view.segment.shape)
        run.reserve(view.liveRows)
        for index in 0..<view.descriptor.rowBlocks {
            let block = try view.segment.rowBlock(index, transaction)
            let first = index << view.descriptor.rowBlockBits
            for i in 0..<block.count where view.deleted?[first + i] != true {
                run.append(block.id(at: i), codeAt: block.codes + i * run.shape.stride)
            }
        }
        return run
    }
}
