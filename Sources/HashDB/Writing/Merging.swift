import LMDB

// A merge of segments. What it does after one commit is bounded, for others wait: it copies some rows, then makes some shards of the tables,
// and says in the header how far it has come. When all is there, the target takes the place of the sources.

extension StoreWriter {
    /// Begins to merge segments into one, leaving out what is deleted.
    func begin(_ sources: [StoreState.SegmentView], _ state: StoreState, _ amount: Int) throws {
        let builder = SegmentBuilder(number: state.header.nextSegment, shape: state.header.shape, writer: self)
        try work(on: sources, builder, copied: nil, state, amount)
    }

    /// Goes on with a merge, of this process or of one that is no more.
    func carryOn(_ record: MergeRecord, _ state: StoreState, _ amount: Int) throws {
        // Tables are made from all codes of the target, which are read each time: at most so often that reading stays the lesser work.
        let amount = max(amount, record.target.rows * (8 + state.header.shape.stride) / 32)
        let builder = try SegmentBuilder(resuming: record, shape: state.header.shape, writer: self)
        try work(
            on: state.segments.filter { $0.descriptor.isBeingMerged }, builder, copied: record.target.lastID, state,
            amount)
    }

    /// Gives up the merge that is under way.
    func drop(_ record: MergeRecord) throws {
        try changeHeader { header, transaction in
            try removeBlocks(ofSegment: record.target.number, transaction)
            header.merge = nil
            for index in header.segments.indices { header.segments[index].isBeingMerged = false }
        }
    }

    private func work(
        on sources: [StoreState.SegmentView], _ builder: consuming SegmentBuilder, copied: UInt64?, _ state: StoreState,
        _ amount: Int
    ) throws {
        let rowBytes = 8 + state.header.shape.stride
        var left = amount / rowBytes
        if builder.whole == nil {
            let hasAll = try copyRows(of: sources, from: state.mapGeneration, into: &builder, after: copied, &left)
            guard hasAll else {
                let record = builder.stop()
                return try save(record, builder.queue, sources)
            }
            guard builder.endRows() else { return try replace(sources, by: nil, builder.queue) }
        }
        if try builder.buildTables(bytes: max(left, 1) * rowBytes) {
            // What was deleted meanwhile is looked up among the rows.
            if state.header.merge?.deletionBlocks ?? 0 > 0 { try builder.flush() }
            try replace(sources, by: builder.whole?.target, builder.queue)
        } else {
            try save(builder.whole, builder.queue, sources)
        }
    }

    /// Copies the live rows of segments to a builder, until it has written so many. Returns whether those were the last.
    ///
    /// They are read some at a time, each time in a snapshot of its own, for a commit between may need room that a snapshot holds. Before each
    /// time, `giveUp` may end it by what it throws.
    func copyRows(
        of segments: [StoreState.SegmentView], from generation: Int, into builder: inout SegmentBuilder,
        after copied: UInt64?, _ rows: inout Int, giveUp: () throws -> Void = {}
    ) throws -> Bool {
        guard let shape = segments.first?.segment.shape else { return true }
        var segments = segments
        var generation = generation
        let rowsAtATime = Self.bytesAtATime / (8 + shape.stride)
        let before = builder.writtenRows
        guard var from = copied.map({ $0.nextUp }) ?? 0 else { return true }
        while true {
            try giveUp()
            var next: UInt64?
            try environment.read { transaction in
                var count = 0
                segments = upToDate(segments, since: &generation)
                var merge = try EntryMerge(segments, nil, shape: shape, from: from, transaction)
                try merge.forEachStretch(transaction) { stretch in
                    guard stretch.ascends(after: builder.lastID) else {
                        throw HashDBError.damaged(path: path, part: "rows", reason: "their ids are out of order")
                    }
                    builder.append(stretch)
                    count += stretch.count
                    let isEnough = rows <= count && builder.writtenRows > before
                    if count >= rowsAtATime || isEnough { next = builder.lastID?.nextUp }
                    return next == nil
                }
                rows -= count
            }
            try builder.flushIfLarge()
            guard let next else { return true }
            if rows <= 0, builder.writtenRows > before { return false }
            from = next
        }
    }

    private static let bytesAtATime = 1 << 23

    /// The same segments without what they know of places in the map, if that has moved since `generation`.
    func upToDate(_ views: [StoreState.SegmentView], since generation: inout Int) -> [StoreState.SegmentView] {
        guard generation != environment.mapGeneration else { return views }
        generation = environment.mapGeneration
        return views.map { view in
            let shape = view.segment.shape
            return StoreState.SegmentView(
                segment: Segment(view.descriptor, shape: shape, databases: databases, path: path), deleted: view.deleted
            )
        }
    }

    /// Commits what has been made of a merge, and how far it has come.
    private func save(_ record: MergeRecord?, _ queue: BlockQueue, _ sources: [StoreState.SegmentView]) throws {
        guard var record else { return }
        try changeHeader { header, transaction in
            record.deletionBlocks = header.merge?.deletionBlocks ?? 0
            header.merge = record
            for index in header.segments.indices where sources.contains(header.segments[index].number) {
                header.segments[index].isBeingMerged = true
            }
            header.reserve(segment: record.target.number)
            header.unfinishedSegment = 0
            try queue.write(to: transaction)
        }
    }

    /// Puts the target of a merge in the place of its sources; nil where they have no live rows.
    private func replace(
        _ sources: [StoreState.SegmentView], by target: SegmentDescriptor?, _ rest: BlockQueue
    ) throws {
        try changeHeader { header, transaction in
            header.segments.removeAll { sources.contains($0.number) }
            for view in sources { try removeBlocks(ofSegment: view.descriptor.number, transaction) }
            try rest.write(to: transaction)
            if let target {
                header.reserve(segment: target.number)
                header.segments.append(target)
                let deletions = header.merge?.deletionBlocks ?? 0
                try delete(deletions, of: target, &header, transaction)
            }
            header.merge = nil
            header.unfinishedSegment = 0
        }
    }

    /// Deletes the rows of a merge's target that were deleted in its sources after they had been copied.
    private func delete(
        _ blocks: Int, of target: SegmentDescriptor, _ header: inout StoreHeader,
        _ transaction: borrowing WriteTransaction
    ) throws {
        guard blocks > 0 else { return }
        let segment = Segment(target, shape: header.shape, databases: databases, path: path)
        var tombstones = TombstoneEditor()
        for index in 0..<blocks {
            let key = BlockKey(segment: target.number, part: .deletions, index: index)
            func damaged(_ reason: String) -> HashDBError {
                .damaged(path: path, part: "segment \(target.number), deletions, block \(index)", reason: reason)
            }
            guard let value = try key.withBytes({ try transaction.value(of: $0, in: databases.segments) }) else {
                throw damaged("it is missing")
            }
            let ids: [UInt64]
            do throws(BlockDamage) {
                ids = try DeletionBlock.decode(value, segment: target.number, index: index)
            } catch {
                throw damaged(error.reason)
            }
            for id in ids {
                guard let row = try segment.row(ofID: id, transaction) else { throw damaged("it names an unknown id") }
                try tombstones.delete(row: row, id: id, of: target, transaction, databases, path: path)
            }
        }
        for index in 0..<blocks {
            try BlockKey(segment: target.number, part: .deletions, index: index).withBytes {
                _ = try transaction.remove($0, in: databases.segments)
            }
        }
        header.merge = nil
        try tombstones.write(to: transaction, databases, header: &header)
    }
}

extension [StoreState.SegmentView] {
    fileprivate func contains(_ number: UInt64) -> Bool { contains { $0.descriptor.number == number } }
}

extension UInt64 {
    /// The next number; nil after the last.
    fileprivate var nextUp: UInt64? { self == .max ? nil : self + 1 }
}
