import LMDB

/// What a writer does while it holds the right to write.
struct StoreWriter {
    let environment: Environment
    let databases: Databases
    let path: String

    /// Removes what a writer that died has left of segments that never became part of the store.
    func removeUnfinishedSegments() throws {
        let header = try environment.read { try StoreHeader.read(from: $0, databases, path: path) }
        guard header.unfinishedSegment != 0 else { return }
        try environment.write { transaction in
            var header = try StoreHeader.read(from: transaction, databases, path: path)
            for number in header.unfinishedSegment..<header.nextSegment
            where !header.segments.contains(where: { $0.number == number }) {
                try removeBlocks(ofSegment: number, transaction)
            }
            header.unfinishedSegment = 0
            try header.write(to: transaction, databases)
        }
    }

    /// Applies a transaction's changes to the store, whose last state is `state`, and commits them.
    func commit(_ changes: Changes, to state: StoreState) throws {
        let ids = changes.items.keys.sorted()
        try environment.write { transaction in
            var header = try StoreHeader.read(from: transaction, databases, path: path)
            header.commit += 1
            var delta = DeltaEditor(count: header.deltaCount, shape: header.shape, databases: databases, path: path)
            var tombstones = TombstoneEditor()
            for id in ids {
                guard let change = changes.items[id] else { continue }
                try applyCode(change.code, id, state, &delta, &tombstones, transaction)
                try applyPayload(change.payload, id, transaction)
            }
            for (key, value) in changes.attributes { try applyAttribute(key, value, transaction) }
            try delta.write(to: transaction)
            try tombstones.write(to: transaction, databases, header: &header)
            header.deltaCount = delta.count
            header.itemCount += changes.countChange
            header.largestID = changes.largestID
            try header.write(to: transaction, databases)
        }
    }

    private func applyCode(
        _ change: Changes.ItemChange.CodeChange, _ id: UInt64, _ state: StoreState, _ delta: inout DeltaEditor,
        _ tombstones: inout TombstoneEditor, _ transaction: borrowing WriteTransaction
    ) throws {
        if case .unchanged = change { return }
        let isKnownToBeNew = state.header.largestID.map { id > $0 } ?? true
        let position = isKnownToBeNew ? nil : try delta.position(of: id, transaction)
        if position == nil, !isKnownToBeNew { try bury(id, state.segments, &tombstones, transaction) }
        switch (change, position) {
        case (.set(let code), let position?): try delta.replaceCode(at: position, by: code, transaction)
        case (.set(let code), nil): try delta.append(id, code, transaction)
        case (.deleted, let position?): try delta.delete(id, at: position, transaction)
        case (.deleted, nil), (.unchanged, _): break
        }
    }

    /// Deletes the live row of an id, if any of the segments has one.
    func bury(
        _ id: UInt64, _ segments: [StoreState.SegmentView], _ tombstones: inout TombstoneEditor,
        _ transaction: borrowing WriteTransaction
    ) throws {
        for view in segments {
            guard let row = try view.segment.row(ofID: id, transaction), !tombstones.isDeleted(row: row, of: view)
            else { continue }
            try tombstones.delete(row: row, of: view.descriptor, transaction, databases, path: path)
            return
        }
    }

    private func applyPayload(
        _ change: Changes.ItemChange.PayloadChange, _ id: UInt64, _ transaction: borrowing WriteTransaction
    ) throws {
        switch change {
        case .unchanged: break
        case .removed: try withKey(id) { _ = try transaction.remove($0, in: databases.payloads) }
        case .set(let payload):
            try CheckedValue.encode(payload).withUnsafeBytes { value in
                try withKey(id) { try transaction.set($0, to: value, in: databases.payloads) }
            }
        }
    }

    private func applyAttribute(_ key: String, _ value: [UInt8]?, _ transaction: borrowing WriteTransaction) throws {
        try withKey(key) { key in
            if let value {
                try CheckedValue.encode(value).withUnsafeBytes {
                    try transaction.set(key, to: $0, in: databases.attributes)
                }
            } else {
                try transaction.remove(key, in: databases.attributes)
            }
        }
    }

    // MARK: Segments

    /// Writes a run as a segment that no reader sees until it is published.
    ///
    /// - Precondition: as for `SegmentBuilder`.
    func writeSegment(_ run: CodeRun) throws -> SegmentDescriptor {
        let number = try environment.write { transaction in
            var header = try StoreHeader.read(from: transaction, databases, path: path)
            let number = header.nextSegment
            if header.unfinishedSegment == 0 { header.unfinishedSegment = number }
            header.nextSegment += 1
            try header.write(to: transaction, databases)
            return number
        }
        let builder = SegmentBuilder(run, number: number, pageSize: environment.pageSize)
        try builder.forEachGroup { group in
            try environment.write { transaction in
                for block in group {
                    try block.key.withBytes { key in
                        try block.bytes.withUnsafeBytes { try transaction.set(key, to: $0, in: databases.segments) }
                    }
                }
            }
        }
        return builder.descriptor
    }

    /// Removes every block of a segment.
    func removeBlocks(ofSegment number: UInt64, _ transaction: borrowing WriteTransaction) throws {
        try transaction.withCursor(databases.segments) { cursor in
            let first = BlockKey(segment: number, part: .rows, index: 0)
            var entry = try first.withBytes { try cursor.seek($0) }
            while let (key, _) = entry, key.count == 16, UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) == number
            {
                try cursor.remove()
                entry = try cursor.next()
            }
        }
    }
}
