import LMDB

/// What a writer does while it holds the right to write.
struct StoreWriter {
    let environment: Environment
    let databases: Databases
    let path: String
    let folding: FoldSettings

    /// Commits what `body` does to the header, and whatever else it writes.
    func changeHeader(_ body: (inout StoreHeader, borrowing WriteTransaction) throws -> Void) throws {
        try environment.write { transaction in
            var header = try StoreHeader.read(from: transaction, databases, path: path)
            try body(&header, transaction)
            try header.write(to: transaction, databases)
        }
    }

    /// Removes what a writer that died has left of segments that never became part of the store.
    func removeUnfinishedSegments() throws {
        let header = try environment.read { try StoreHeader.read(from: $0, databases, path: path) }
        guard header.unfinishedSegment != 0 else { return }
        try changeHeader { header, transaction in
            let known = Set(header.segments.map(\.number) + (header.merge.map { [$0.target.number] } ?? []))
            var next = header.unfinishedSegment
            while let number = try firstSegment(from: next, transaction), number < header.nextSegment {
                if !known.contains(number) { try removeBlocks(ofSegment: number, transaction) }
                next = number + 1
            }
            header.unfinishedSegment = 0
        }
    }

    /// The least number, not below this one, of a segment that has blocks.
    private func firstSegment(from number: UInt64, _ transaction: borrowing WriteTransaction) throws -> UInt64? {
        try transaction.withCursor(databases.segments) { cursor in
            try BlockKey(segment: number, part: .rows, index: 0).withBytes { try cursor.seek($0) }
                .flatMap { BlockKey(decoding: $0.key)?.segment }
        }
    }

    /// What is recorded of commits.
    var log: ChangeLog { ChangeLog(databases: databases, path: path) }

    /// Applies a transaction's changes to the store, whose last state is `state`, and commits them: as the next commit, or as `arrival` says.
    func commit(_ changes: Changes, to state: StoreState, as arrival: Arrival? = nil) throws {
        try changeHeader { header, transaction in
            header.commit = arrival?.position.commit ?? header.commit + 1
            if changes.deletesAll { try removeAllItems(&header, transaction) }
            var delta = DeltaEditor(count: header.deltaCount, shape: header.shape, databases: databases, path: path)
            var tombstones = TombstoneEditor()
            delta.add(changes.newest.filter { changes.items[changes.newest.ids[$0]] == nil })
            for (id, change) in changes.items { try apply(change, to: id, state, &delta, &tombstones, transaction) }
            // In the order of keys, as LMDB fills its pages best.
            for (id, payload) in changes.payloads.sorted(by: { $0.key < $1.key }) {
                try apply(payload, to: id, transaction)
            }
            for (key, value) in changes.attributes { try apply(value, to: key, transaction) }
            try delta.write(to: transaction)
            try tombstones.write(to: transaction, databases, header: &header)
            header.deltaCount = delta.count
            try header.changeItemCount(by: changes.countChange, path: path)
            header.largestID = changes.largestID
            if let arrival {
                try arrival.record(in: log, &header, transaction)
            } else {
                try log.write(changes.record(after: state.header.commit), header, transaction)
            }
        }
    }

    private func apply(
        _ change: Changes.ItemChange, to id: UInt64, _ state: StoreState, _ delta: inout DeltaEditor,
        _ tombstones: inout TombstoneEditor, _ transaction: borrowing WriteTransaction
    ) throws {
        switch (change.place, change.code) {
        case (.delta(let position), let code?): try delta.replaceCode(at: position, by: code, transaction)
        case (.delta(let position), nil): try delta.delete(at: position, transaction)
        case (.segment(let index, let row), let code):
            let segment = state.segments[index].descriptor
            try tombstones.delete(row: row, id: id, of: segment, transaction, databases, path: path)
            if let code { delta.add(id, code) }
        case (nil, let code?): delta.add(id, code)
        case (nil, nil): break
        }
    }

    private func apply(_ payload: [UInt8]?, to id: UInt64, _ transaction: borrowing WriteTransaction) throws {
        try withKey(id) { try set($0, to: payload, in: databases.payloads, transaction) }
    }

    private func apply(_ attribute: [UInt8]?, to key: AttributeKey, _ transaction: borrowing WriteTransaction) throws {
        try key.bytes.withUnsafeBytes { try set($0, to: attribute, in: databases.attributes, transaction) }
    }

    /// Gives a key a checked value; nil removes it.
    private func set(
        _ key: UnsafeRawBufferPointer, to bytes: [UInt8]?, in database: Database,
        _ transaction: borrowing WriteTransaction
    ) throws {
        if let bytes {
            try CheckedValue.encode(bytes, under: key).withUnsafeBytes {
                try transaction.set(key, to: $0, in: database)
            }
        } else {
            try transaction.remove(key, in: database)
        }
    }

    // MARK: Segments

    /// Removes every block of a segment, none of which is of this transaction.
    func removeBlocks(ofSegment number: UInt64, _ transaction: borrowing WriteTransaction) throws {
        try transaction.withCursor(databases.segments) { cursor in
            let first = BlockKey(segment: number, part: .rows, index: 0)
            var entry = try first.withBytes { try cursor.seek($0) }
            while let (key, value) = entry, BlockKey(decoding: key)?.segment == number {
                try cursor.remove()
                // LMDB has looked at it, which brings its surroundings into memory. Smaller values lie among others, on pages that this
                // transaction may have in memory of its own; larger ones are of earlier commits.
                if let address = value.baseAddress, value.count >= environment.pageSize - 16 {
                    Environment.release(address, byteCount: value.count)
                }
                entry = try cursor.next()
            }
        }
    }
}
