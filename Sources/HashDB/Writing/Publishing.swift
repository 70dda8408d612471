import LMDB

extension StoreWriter {
    /// Makes loaded segments, whose ids ascend from one to the next, part of the store, in place of items of the same ids, and removes those
    /// that they were merged from.
    func publish(_ loaded: [BuiltSegment], mergedFrom parts: [SegmentDescriptor], _ state: StoreState) throws {
        for segment in loaded {
            var rest = segment.rest
            try rest.flush()
        }
        try changeHeader { header, transaction in
            let views = loaded.map { loaded in
                StoreState.SegmentView(
                    segment: Segment(loaded.descriptor, shape: state.header.shape, databases: databases, path: path),
                    deleted: nil)
            }
            var generation = state.mapGeneration
            let others = upToDate(state.segments, since: &generation)
            header.commit += 1
            header.segments += views.map(\.descriptor)
            for part in parts { try removeBlocks(ofSegment: part.number, transaction) }
            var delta = DeltaEditor(count: header.deltaCount, shape: header.shape, databases: databases, path: path)
            var tombstones = TombstoneEditor()
            var change = 0
            for view in views {
                change += view.descriptor.rows
                change -= try replace(byRowsOf: view, in: others, state, &delta, &tombstones, transaction)
                header.largestID = max(header.largestID ?? 0, view.descriptor.lastID)
            }
            try delta.write(to: transaction)
            try tombstones.write(to: transaction, databases, header: &header)
            try header.changeItemCount(by: change, path: path)
            header.unfinishedSegment = 0
            try log.write(record(of: views, after: state.header.commit, transaction), header, transaction)
        }
    }

    /// What is touched by all rows of segments coming in, whose ids ascend from one to the next.
    private func record(
        of views: [StoreState.SegmentView], after base: UInt64, _ transaction: borrowing WriteTransaction
    ) throws -> ChangeRecord {
        var ids = IDRanges()
        for view in views {
            for row in 0..<view.descriptor.rows { ids.append(try view.segment.id(ofRow: row, transaction)) }
        }
        ids.coarsen()
        return ChangeRecord(mark: .random(in: .min ... .max), base: base, ids: ids)
    }

    /// Deletes what `others` and the delta hold under the ids of `view`. Returns how many items that were.
    private func replace(
        byRowsOf view: StoreState.SegmentView, in others: [StoreState.SegmentView], _ state: StoreState,
        _ delta: inout DeltaEditor,
        _ tombstones: inout TombstoneEditor, _ transaction: borrowing WriteTransaction
    ) throws -> Int {
        let range = view.descriptor.firstID...view.descriptor.lastID
        let overlapping = others.filter { range.overlaps($0.descriptor.firstID...$0.descriptor.lastID) }
        let mayBeOld = state.header.largestID.map { range.lowerBound <= $0 } ?? false
        var replaced = 0
        if mayBeOld {
            // From this side, as most loads have more ids than the delta.
            replaced += try delta.deleteAll(transaction) { try view.segment.row(ofID: $0, transaction) != nil }
        }
        let mayHavePayloads = try mayBeOld && transaction.withCursor(databases.payloads) { try $0.first() != nil }
        guard !overlapping.isEmpty || mayHavePayloads else { return replaced }
        for row in 0..<view.descriptor.rows {
            let id = try view.segment.id(ofRow: row, transaction)
            if mayHavePayloads { try withKey(id) { _ = try transaction.remove($0, in: databases.payloads) } }
            for other in overlapping {
                guard let old = try other.segment.row(ofID: id, transaction), !tombstones.isDeleted(row: old, of: other)
                else { continue }
                try tombstones.delete(row: old, id: id, of: other.descriptor, transaction, databases, path: path)
                replaced += 1
                break
            }
        }
        return replaced
    }
}
