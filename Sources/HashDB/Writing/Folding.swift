import LMDB

/// Which parts of a store are to be merged into one new segment.
///
/// Segments whose sizes fall by a factor of four keep their number at the logarithm of the store's size, and rewrite an item as many times
/// at most. Each merge takes the delta and, from the smallest on, every segment that is at most four times what is taken already.
struct FoldPlan {
    var segments: [StoreState.SegmentView]
    static let growth = 4
    /// A merge that was not asked for has this many bytes of ids and codes at most, so that it takes no longer than seconds.
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
        let new = try merge(plan.segments, withDelta: true, into: state.header.nextSegment, state)
        try environment.write { transaction in
            var header = try StoreHeader.read(from: transaction, databases, path: path)
            for view in plan.segments { try removeBlocks(ofSegment: view.descriptor.number, transaction) }
            try transaction.removeAll(in: databases.delta)
            header.segments.removeAll { old in plan.segments.contains { $0.descriptor.number == old.number } }
            if let new {
                try new.rest.write(to: transaction)
                header.reserve(segment: new.descriptor.number)
                header.segments.append(new.descriptor)
            }
            header.deltaCount = 0
            header.unfinishedSegment = 0
            try header.write(to: transaction, databases)
        }
    }

    /// Makes one segment of the live items of several, and of the delta. Nil if there are none.
    ///
    /// Items are read some at a time, each time in a snapshot of its own, for a commit between may need room that a snapshot holds.
    func merge(
        _ segments: [StoreState.SegmentView], withDelta: Bool, into number: UInt64, _ state: StoreState
    ) throws -> BuiltSegment? {
        let shape = state.header.shape
        var builder = SegmentBuilder(number: number, shape: shape, writer: self)
        let rowsAtATime = Self.bytesAtATime / (8 + shape.stride)
        var first: UInt64? = 0
        while let from = first {
            first = nil
            try environment.read { transaction in
                // The state's delta lies in the map of a snapshot that has ended: look it up again.
                let now = try StoreState(
                    transaction, databases, path: path, mapGeneration: environment.mapGeneration, previous: state)
                var merge = try EntryMerge(
                    segments, withDelta ? now.delta : nil, shape: shape, from: from, transaction)
                var count = 0
                try merge.forEachStretch(transaction) { stretch in
                    builder.append(stretch)
                    count += stretch.count
                    if count >= rowsAtATime { first = builder.lastID?.nextUp }
                    return count < rowsAtATime
                }
            }
            try builder.flushIfLarge()
        }
        return try builder.finish()
    }

    private static let bytesAtATime = 1 << 23
}

extension UInt64 {
    /// The next number; nil after the last.
    fileprivate var nextUp: UInt64? { self == .max ? nil : self + 1 }
}
