import CLMDB
import Synchronization

// Named databases. A handle is opened by one transaction at a time, stays open as long as the file, and belongs to a name, not to what
// the file has under it: another process may remove a database and make it anew. Only with no transaction in this process is one closed.
extension Environment {
    /// The names of the databases of the last commit, in the order of their bytes.
    package func databaseNames() throws -> [String] {
        try read { try names(in: $0) }
    }

    /// The databases of these names; nil if one of them is not there.
    ///
    /// - Throws: `LMDBError.tooManyDatabases`, and others.
    package func databases(named names: [String]) throws -> [Database]? {
        try checkProcess()
        do { return try findDatabases(names) } catch LMDBError.tooManyDatabases {
            // LMDB says so of any name, where its table is full.
            guard try Set(databaseNames()).isSuperset(of: names) else { return nil }
            try closeGone()
            return try findDatabases(names)
        }
    }

    private func findDatabases(_ names: [String]) throws -> [Database]? {
        try overcomingObstacles {
            try gate.shared { try openDatabases.withLock { try openHandles(of: names, beside: &$0) } }
        }
    }

    private func openHandles(of names: [String], beside known: inout [String: Database]) throws -> [Database]? {
        let file = try openFile()
        let unknown = names.filter { known[$0] == nil }
        if !unknown.isEmpty { known.merge(try file.databases(named: unknown, path: path)) { $1 } }
        let databases = names.compactMap { known[$0] }
        return databases.count == names.count ? databases : nil
    }

    /// Makes databases, those that are not there, and what `fill` writes into them, in one transaction. Call within `asWriter`.
    ///
    /// `fill` may be run again, as the body of `write`.
    /// - Throws: `LMDBError.tooManyDatabases`, and others; what `fill` throws.
    package func addDatabases(
        named names: [String], fill: (inout WriteTransaction, [Database]) throws -> Void
    ) throws {
        let present = Set(try databaseNames())
        let opened = openDatabases.withLock { known in names.filter { known[$0] != nil } }
        // LMDB would take an open handle for the database itself.
        if !present.isSuperset(of: opened) { try closeGone() }
        do { try createDatabases(names, fill) } catch LMDBError.tooManyDatabases {
            try closeGone()
            try createDatabases(names, fill)
        }
    }

    private func createDatabases(
        _ names: [String], _ fill: (inout WriteTransaction, [Database]) throws -> Void
    ) throws {
        try overcomingObstacles {
            try gate.shared {
                try openDatabases.withLock { known in
                    let databases = try writeOnce { transaction in
                        let databases = try names.map { try transaction.createDatabase(named: $0) }
                        try fill(&transaction, databases)
                        return databases
                    }
                    // Only a commit makes the handles lasting.
                    for (name, database) in zip(names, databases) { known[name] = database }
                }
            }
        }
    }

    /// Takes databases out of the file, those that are there, if this process has no transaction at the moment. Call within `asWriter`.
    ///
    /// Whoever has one of them open gets `LMDBError.databaseClosed`, or finds another database in its place.
    /// - Returns: whether they were removed.
    package func removeDatabases(named names: [String]) throws -> Bool {
        let databases = try names.compactMap { name in
            try self.databases(named: [name]).map { (name: name, database: $0[0]) }
        }
        do {
            let isDone: Void? = try gate.aloneIfFree {
                try openDatabases.withLock { known in
                    // Even if the transaction fails, LMDB has closed the handles.
                    for (name, _) in databases { known[name] = nil }
                    try writeOnce { transaction in
                        for (_, database) in databases { try transaction.drop(database) }
                    }
                }
            }
            return isDone != nil
        } catch is Obstacle { return false }
    }

    /// Closes the handles of databases that another process has removed.
    private func closeGone() throws {
        try overcomingObstacles {
            try withoutTransactions(orElse: LMDBError.tooManyDatabases(path: path)) {
                let file = try openFile()
                // Not earlier: what another thread has opened meanwhile would be taken for removed.
                let present = Set(try names(in: file))
                openDatabases.withLock { known in
                    for (name, database) in known where !present.contains(name) {
                        mdb_dbi_close(file.handle, database.handle)
                        known[name] = nil
                    }
                }
            }
        }
    }

    private func names(in file: OpenFile) throws -> [String] {
        try names(in: ReadTransaction(handle: file.beginReading(path: path), path: path, file: file))
    }

    private func names(in transaction: borrowing ReadTransaction) throws -> [String] {
        var names: [String] = []
        try transaction.withCursor(transaction.mainDatabase()) { cursor in
            var entry = try cursor.first()
            while let (key, _) = entry {
                names.append(String(decoding: key, as: UTF8.self))
                entry = try cursor.next()
            }
        }
        return names
    }
}

extension ReadTransaction {
    /// The database whose keys are the names of the others.
    fileprivate func mainDatabase() throws -> Database {
        var database: MDB_dbi = 0
        let code = mdb_dbi_open(handle, nil, 0, &database)
        guard code == 0 else { throw LMDBError.from(code, path: path) }
        return Database(handle: database)
    }
}
