import CLMDB
import CLMDBGuard

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A named database within an environment, of `Environment.databases(named:)`.
package struct Database: Sendable, Hashable {
    let handle: MDB_dbi
}

/// What both kinds of transaction can look up.
package protocol ValueReader: ~Copyable {
    /// The value of `key`, or nil.
    borrowing func value(of key: UnsafeRawBufferPointer, in database: Database) throws -> UnsafeRawBufferPointer?
    /// A cursor over a database.
    borrowing func withCursor<R>(_ database: Database, _ body: (borrowing Cursor) throws -> R) throws -> R
}

/// A view of the environment as of one commit.
///
/// Bytes that it hands out lie in the map: they are valid until the transaction ends, and must not be written to. The one exception is
/// stated at `ReadTransaction.value`.
package struct ReadTransaction: ~Copyable, ValueReader {
    let handle: OpaquePointer
    let path: String
    private let pageSize: Int
    private let idle: IdleTransactions
    /// What keeps the map where it is, for a transaction that no closure bounds.
    private let hold: ReadWriteLock.Hold?
    /// What its errors are thrown as, for who hands it on to code that knows nothing of LMDB.
    package var translation: (LMDBError) -> any Error = { $0 }

    init(handle: OpaquePointer, path: String, file: OpenFile, hold: ReadWriteLock.Hold? = nil) {
        self.handle = handle
        self.path = path
        pageSize = file.pageSize
        idle = file.idle
        self.hold = hold
    }

    deinit {
        // A forked child shares the parent's place in the table of readers: to end it there would give up the parent's pages.
        guard hold?.isOfThisProcess ?? true else { return }
        idle.keep(handle)
    }

    /// The number of the commit that is seen.
    package var number: Int { mdb_txn_id(handle) }

    /// The value of `key`, or nil.
    ///
    /// A value of at least half a page stays where it is as long as nobody replaces or deletes it and the map does not move, so that whoever
    /// knows that a later transaction still sees the same value may keep its address.
    package func value(of key: UnsafeRawBufferPointer, in database: Database) throws -> UnsafeRawBufferPointer? {
        do {
            return try lookUp(key, in: database, transaction: handle, path: path, pageSize: pageSize)
        } catch { throw translation(error) }
    }

    /// A cursor over a database.
    package func withCursor<R>(_ database: Database, _ body: (borrowing Cursor) throws -> R) throws -> R {
        do {
            return try body(Cursor(transaction: handle, database: database, path: path, pageSize: pageSize))
        } catch let error as LMDBError { throw translation(error) }
    }

    /// The number of entries of a database.
    package func entryCount(of database: Database) throws -> Int {
        var status = MDB_stat()
        let code = mdb_stat(handle, database.handle, &status)
        guard code == 0 else { throw translation(.from(code, path: path)) }
        return status.ms_entries
    }

    /// The bytes of the pages that a database consists of.
    package func byteCount(of database: Database) throws -> Int {
        do { return try pageBytes(of: database, transaction: handle, path: path) } catch { throw translation(error) }
    }
}

/// The one transaction that may change the environment.
package struct WriteTransaction: ~Copyable, ValueReader {
    private let handle: OpaquePointer
    private let path: String
    private var isOpen = true

    init(handle: OpaquePointer, path: String) {
        self.handle = handle
        self.path = path
    }

    deinit {
        if isOpen { mdb_txn_abort(handle) }
    }

    /// The number that the commit will have, greater than those of all before.
    package var number: Int { mdb_txn_id(handle) }

    mutating func commit() throws {
        isOpen = false
        let code = mdb_txn_commit(handle)
        guard code == 0 else { throw LMDBError.from(code, path: path) }
    }

    /// The value of `key`, or nil. Valid until the next change.
    package func value(of key: UnsafeRawBufferPointer, in database: Database) throws -> UnsafeRawBufferPointer? {
        try lookUp(key, in: database, transaction: handle, path: path)
    }

    /// Gives `key` the value.
    package func set(_ key: UnsafeRawBufferPointer, to value: UnsafeRawBufferPointer, in database: Database) throws {
        var key = MDB_val(key)
        var value = MDB_val(value)
        let code = mdb_put(handle, database.handle, &key, &value, 0)
        guard code == 0 else { throw LMDBError.from(code, path: path) }
    }

    /// Removes `key`. Returns whether it was there.
    @discardableResult
    package func remove(_ key: UnsafeRawBufferPointer, in database: Database) throws -> Bool {
        var key = MDB_val(key)
        let code = mdb_del(handle, database.handle, &key, nil)
        guard code == 0 || code == MDB_NOTFOUND else { throw LMDBError.from(code, path: path) }
        return code == 0
    }

    /// The database of this name, which is made if need be. Its handle lasts only if the transaction is committed.
    func createDatabase(named name: String) throws -> Database {
        var database: MDB_dbi = 0
        let code = mdb_dbi_open(handle, name, UInt32(MDB_CREATE), &database)
        guard code == 0 else { throw LMDBError.from(code, path: path) }
        return Database(handle: database)
    }

    /// Removes a database and closes its handle, which no other transaction of the process may be using.
    func drop(_ database: Database) throws {
        let code = mdb_drop(handle, database.handle, 1)
        guard code == 0 else { throw LMDBError.from(code, path: path) }
    }

    /// The bytes of the pages that a database consists of, what this transaction has changed among them.
    package func byteCount(of database: Database) throws -> Int {
        try pageBytes(of: database, transaction: handle, path: path)
    }

    /// Removes every key.
    package func removeAll(in database: Database) throws {
        let code = mdb_drop(handle, database.handle, 0)
        guard code == 0 else { throw LMDBError.from(code, path: path) }
    }

    /// A cursor over a database. Changes that are not made through it leave it where it was.
    package func withCursor<R>(_ database: Database, _ body: (borrowing Cursor) throws -> R) throws -> R {
        try body(Cursor(transaction: handle, database: database, path: path))
    }
}

private func pageBytes(
    of database: Database, transaction: OpaquePointer, path: String
) throws(LMDBError) -> Int {
    var status = MDB_stat()
    let code = mdb_stat(transaction, database.handle, &status)
    guard code == 0 else { throw LMDBError.from(code, path: path) }
    return (status.ms_branch_pages + status.ms_leaf_pages + status.ms_overflow_pages) * Int(status.ms_psize)
}

private func lookUp(
    _ key: UnsafeRawBufferPointer, in database: Database, transaction: OpaquePointer, path: String, pageSize: Int? = nil
) throws(LMDBError) -> UnsafeRawBufferPointer? {
    var key = MDB_val(key)
    var value = MDB_val()
    let code = clmdbguard_get(transaction, database.handle, &key, &value)
    if code == MDB_NOTFOUND { return nil }
    // LMDB's word for a handle that was closed, as the other arguments cannot be wrong.
    if code == EINVAL || code == MDB_BAD_DBI { throw LMDBError.databaseClosed(path: path) }
    guard code == 0 else { throw LMDBError.from(code, path: path) }
    return try value.bytes(onPagesOf: pageSize, path: path)
}

extension MDB_val {
    init(_ bytes: UnsafeRawBufferPointer) {
        self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }

    /// What LMDB has found, on pages of this size, if it is no longer than they are.
    func bytes(onPagesOf pageSize: Int?, path: String) throws(LMDBError) -> UnsafeRawBufferPointer {
        if let pageSize, clmdbguard_is_within_page(self, pageSize) == 0 {
            throw .damaged(path: path, page: nil, reason: "an entry goes beyond its page")
        }
        return UnsafeRawBufferPointer(start: mv_data, count: mv_size)
    }
}
