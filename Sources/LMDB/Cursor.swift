import CLMDB
import CLMDBGuard

/// A place among the keys of a database, which are ordered as strings of bytes.
package struct Cursor: ~Copyable {
    /// A key and its value, valid as long as the transaction sees them.
    package typealias Entry = (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)

    private let handle: OpaquePointer
    private let path: String
    /// The size of the pages that what it finds lies on; nil where some may have been changed.
    private let pageSize: Int?

    init(transaction: OpaquePointer, database: Database, path: String, pageSize: Int? = nil) throws {
        var cursor: OpaquePointer?
        let code = mdb_cursor_open(transaction, database.handle, &cursor)
        guard code == 0, let cursor else { throw LMDBError.from(code, path: path) }
        handle = cursor
        self.path = path
        self.pageSize = pageSize
    }

    deinit { mdb_cursor_close(handle) }

    /// Moves to the first entry.
    package func first() throws -> Entry? { try move(MDB_FIRST) }
    /// Moves to the last entry.
    package func last() throws -> Entry? { try move(MDB_LAST) }
    /// Moves to the next entry, or to the first if the cursor is new.
    package func next() throws -> Entry? { try move(MDB_NEXT) }
    /// Moves to the first entry whose key is at least `key`.
    package func seek(_ key: UnsafeRawBufferPointer) throws -> Entry? { try move(MDB_SET_RANGE, key: MDB_val(key)) }

    /// Removes the entry under the cursor; `next` then goes to the one that has taken its place. Only in a write transaction.
    package func remove() throws {
        let code = mdb_cursor_del(handle, 0)
        guard code == 0 else { throw LMDBError.from(code, path: path) }
    }

    private func move(_ operation: MDB_cursor_op, key: MDB_val = MDB_val()) throws -> Entry? {
        var key = key
        var value = MDB_val()
        let code = clmdbguard_cursor_get(handle, &key, &value, operation)
        if code == MDB_NOTFOUND { return nil }
        guard code == 0 else { throw LMDBError.from(code, path: path) }
        return (try key.bytes(onPagesOf: pageSize, path: path), try value.bytes(onPagesOf: pageSize, path: path))
    }
}
