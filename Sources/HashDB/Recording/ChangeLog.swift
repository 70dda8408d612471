import LMDB

/// The records of what commits touched, in the database `meta` under the commits' numbers.
///
/// They are kept while the header says so; a program that knows nothing of them takes the word out of the header, so that a record that is
/// missing is noticed.
struct ChangeLog {
    let databases: Databases
    let path: String

    /// The oldest records go when the database has more bytes than this.
    static let byteLimit = 64 << 20

    // MARK: Reading

    /// The record of a commit; nil if there is none.
    ///
    /// - Throws: `HashDBError.damaged`.
    func record(of commit: UInt64, _ reader: borrowing some ValueReader & ~Copyable) throws -> ChangeRecord? {
        try withKey(commit) { key in
            guard let value = try reader.value(of: key, in: databases.meta) else { return nil }
            guard let bytes = CheckedValue.decode(value, under: key), let record = ChangeRecord(decoding: bytes),
                record.base <= commit
            else { throw damaged(commit, "its record is not what was written") }
            return record
        }
    }

    /// The position of the last commit; nil if changes are not recorded.
    func position(_ header: StoreHeader, _ reader: borrowing some ValueReader & ~Copyable) throws -> StorePosition? {
        guard header.recordsChanges else { return nil }
        guard let record = try record(of: header.commit, reader) else {
            throw damaged(header.commit, "its record is missing")
        }
        return StorePosition(commit: header.commit, mark: record.mark)
    }

    /// What the commits after a position touched, all in one record.
    ///
    /// - Throws: `HashDBError.unknownPosition` if the records do not reach back to it, or it is another store's.
    func changes(
        since position: StorePosition, _ header: StoreHeader, _ reader: borrowing some ValueReader & ~Copyable
    ) throws -> ChangeRecord {
        func unknown(_ reason: String) -> HashDBError {
            .unknownPosition(path: path, position: position, reason: reason)
        }
        guard header.recordsChanges else { throw unknown("its changes are not recorded") }
        guard position.commit <= header.commit else { throw unknown("its last commit is \(header.commit)") }
        var ids: [ClosedRange<UInt64>] = []
        var attributes: Set<AttributeKey>? = []
        var at = header.commit
        let last = try record(of: at, reader)
        while let record = at == header.commit ? last : try record(of: at, reader), at > position.commit {
            guard record.base < at else { throw unknown("changes are recorded since commit \(at)") }
            ids += record.ids.ranges
            if ids.count > 2 * IDRanges.limitOfMany { ids = IDRanges(ids, limit: IDRanges.limitOfMany).ranges }
            if let keys = record.attributes {
                attributes?.formUnion(keys.map { AttributeKey($0) })
            } else {
                attributes = nil
            }
            at = record.base
        }
        guard let last, at == position.commit, let start = try record(of: at, reader) else {
            throw unknown("what was recorded of the time after it has been left out, or it lies within a step")
        }
        guard start.mark == position.mark else {
            throw unknown("its commit \(at) is another: one of the two stores was changed by itself")
        }
        return ChangeRecord(
            mark: last.mark, base: at, ids: IDRanges(ids, limit: IDRanges.limitOfMany),
            attributes: attributes?.map(\.text).sorted())
    }

    /// Throws unless every record is one, and the last commit's is there; or if the task is cancelled.
    func check(_ header: StoreHeader, _ transaction: borrowing ReadTransaction) throws {
        _ = try position(header, transaction)
        try transaction.withCursor(databases.meta) { cursor in
            var entry = try cursor.first()
            while let (key, _) = entry, key.count == 8 {
                // A record may have some hundred KiB.
                try Task.checkCancellation()
                let commit = number(ofKey: key)
                guard commit <= header.commit || !header.recordsChanges else {
                    throw damaged(commit, "the header counts \(header.commit) commits")
                }
                _ = try record(of: commit, transaction)
                entry = try cursor.next()
            }
        }
    }

    private func damaged(_ commit: UInt64, _ reason: String) -> HashDBError {
        .damaged(path: path, part: "changes, commit \(commit)", reason: reason)
    }

    // MARK: Writing

    /// Records what the commit that the header counts last touched.
    func write(
        _ record: @autoclosure () throws -> ChangeRecord, _ header: StoreHeader,
        _ transaction: borrowing WriteTransaction
    ) throws {
        guard header.recordsChanges else { return }
        try set(record(), of: header.commit, transaction)
        try trim(transaction)
    }

    /// Begins to record: what was recorded before is of another time.
    func begin(
        _ header: inout StoreHeader, mark: UInt64 = .random(in: .min ... .max),
        _ transaction: borrowing WriteTransaction
    ) throws {
        try end(&header, transaction)
        header.recordsChanges = true
        try set(ChangeRecord(mark: mark, base: header.commit), of: header.commit, transaction)
    }

    /// Removes all records.
    func end(_ header: inout StoreHeader, _ transaction: borrowing WriteTransaction) throws {
        while try removeFirst(transaction) {}
        header.recordsChanges = false
    }

    private func set(_ record: ChangeRecord, of commit: UInt64, _ transaction: borrowing WriteTransaction) throws {
        try withKey(commit) { key in
            try CheckedValue.encode(record.encode(), under: key).withUnsafeBytes {
                try transaction.set(key, to: $0, in: databases.meta)
            }
        }
    }

    /// Removes the two oldest records where there are too many: so they become fewer, and no commit has much to do.
    private func trim(_ transaction: borrowing WriteTransaction) throws {
        guard try transaction.byteCount(of: databases.meta) > Self.byteLimit else { return }
        for _ in 0..<2 { _ = try removeFirst(transaction) }
    }

    private func removeFirst(_ transaction: borrowing WriteTransaction) throws -> Bool {
        try transaction.withCursor(databases.meta) { cursor in
            guard let (key, _) = try cursor.first(), key.count == 8 else { return false }
            try cursor.remove()
            return true
        }
    }
}
