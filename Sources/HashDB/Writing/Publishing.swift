import LMDB

extension StoreWriter {
    /// Makes loaded segments part of the store, in place of items of the same ids.
    func publish(_ loaded: [SegmentDescriptor], _ state: StoreState) throws {
        guard !loaded.isEmpty else { return }
        let shape = state.header.shape
        let new = loaded.map { descriptor in
            StoreState.SegmentView(
                segment: Segment(descriptor, shape: shape, databases: databases, path: path), deleted: nil)
        }
        try environment.write { transaction in
            var header = try StoreHeader.read(from: transaction, databases, path: path)
            header.commit += 1
            header.segments += loaded
            var delta = DeltaEditor(count: header.deltaCount, shape: shape, databases: databases, path: path)
            var tombstones = TombstoneEditor()
            var replaced = 0
            for (index, view) in new.enumerated() {
                let others = state.segments + new[..<index]
                replaced += try replace(byRowsOf: view, in: others, state, &delta, &tombstones, transaction)
                header.largestID = max(header.largestID ?? 0, view.descriptor.lastID)
            }
            try delta.write(to: transaction)
            try tombstones.write(to: transaction, databases, header: &header)
            header.itemCount += loaded.reduce(0) { $0 + $1.rows } - replaced
            header.unfinishedSegment = 0
            try header.write(to: transaction, databases)
        }
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
        guard !overlapping.isEmpty || mayBeOld else { return 0 }
        var replaced = 0
        for row in 0..<view.descriptor.rows {
            let id = try view.segment.id(ofRow: row, transaction)
            if mayBeOld { try withKey(id) { _ = try transaction.remove($0, in: databases.payloads) } }
            if mayBeOld, delta.count > 0, let position = try delta.position(of: id, transaction) {
                try delta.delete(at: position, transaction)
                replaced += 1
                continue
            }
            for other in overlapping {
                guard let old = try other.segment.row(ofID: id, transaction), !tombstones.isDeleted(row: old, of: other)
                else { continue }
                try tombstones.delete(row: old, of: other.descriptor, transaction, databases, path: path)
                replaced += 1
                break
            }
        }
        return replaced
    }
}
