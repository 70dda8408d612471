import CLMDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// Transactions, and what keeps them from beginning.
extension Environment {
    /// Runs `body` on the state of the last commit.
    package func read<R>(_ body: (consuming ReadTransaction) throws -> R) throws -> R {
        try checkProcess()
        return try overcomingObstacles {
            try gate.shared {
                let file = try openFile()
                return try body(ReadTransaction(handle: try beginReading(file), path: path, file: file))
            }
        }
    }

    /// A transaction on the state of the last commit that lives until its owner lets it go; one thread at a time may use it.
    ///
    /// While it lives, the map stays where it is: what needs to move it, or to open the file anew, throws.
    package func heldTransaction() throws -> ReadTransaction {
        try checkProcess()
        let (handle, file, hold) = try overcomingObstacles {
            try gate.shared {
                let file = try openFile()
                return (try beginReading(file), file, gate.hold())
            }
        }
        return ReadTransaction(handle: handle, path: path, file: file, hold: hold)
    }

    /// Begins a read transaction that sees the commit of its number.
    ///
    /// LMDB first takes the number of the last commit and then reads where its trees are, in one of two places that commits take turns at. If
    /// two commits come between, it has the trees of the second under the number of the one before both. As long as that number is the last,
    /// nobody writes to its place.
    private func beginReading(_ file: OpenFile) throws -> OpaquePointer {
        var transaction = try file.beginReading(path: path)
        var last = Self.lastNumber(file.handle)
        while last != mdb_txn_id(transaction) {
            let next: OpaquePointer
            do { next = try file.beginReading(path: path) } catch {
                file.idle.keep(transaction)
                throw error
            }
            let wasLast = mdb_txn_id(next) == mdb_txn_id(transaction)
            file.idle.keep(wasLast ? next : transaction)
            if wasLast { break }
            transaction = next
            last = Self.lastNumber(file.handle)
        }
        return try checkingName(transaction, last: last, of: file)
    }

    private func checkingName(_ transaction: OpaquePointer, last: Int, of file: OpenFile) throws -> OpaquePointer {
        // Within a snapshot there is no other file to be had.
        guard !gate.isSharedTwiceByThisThread, !gate.isHeld else { return transaction }
        let number = mdb_txn_id(transaction)
        let isCounted = CommitCount.fits(number, last: last)
        guard nameCheck.isDue(number) || !isCounted else { return transaction }
        do {
            try checkName(of: file)
            if !isCounted { try CommitCount.check(file, path: path) }
        } catch {
            nameCheck.expire()
            file.idle.keep(transaction)
            throw error
        }
        return transaction
    }

    private func checkName(of file: OpenFile) throws {
        guard isNamed.load(ordering: .relaxed) else { return }
        guard !file.hasName(location) else { return }
        try checkHasFile()
        throw Obstacle.replaced
    }

    /// Throws where the name stands for nothing.
    func checkHasFile() throws {
        guard FileIdentity(path: location) != nil else { throw LMDBError.fromErrno(path: path) }
    }

    /// Holds the right to write while `body` runs, over as many transactions as it likes, waiting for it at most `limit`, and no longer than
    /// `giveUp` does not throw.
    package func asWriter<R>(
        within limit: Duration, giveUp: () throws -> Void = {}, _ body: () throws -> R
    ) throws -> R {
        try checkProcess()
        while true {
            let file = try overcomingObstacles {
                try gate.shared { () throws -> OpenFile in
                    let file = try openFile()
                    guard file.isWritable else { throw LMDBError.readOnly(path: path) }
                    return file
                }
            }
            let result: R? = try file.writerLock.hold(within: limit, of: path, giveUp: giveUp) {
                guard try isInOrder(file) else { return nil }
                // Who has died since the store was opened would keep pages for ever.
                clearStaleReaders()
                return try body()
            }
            if let result { return result }
            try openAnew()
        }
    }

    /// Whether a file is the one to be written. Who holds the lock of a file that has lost its name keeps nobody from writing the one that
    /// has it.
    private func isInOrder(_ file: OpenFile) throws -> Bool {
        do {
            return try gate.shared {
                guard self.file === file else { return false }
                try checkName(of: file)
                try CommitCount.check(file, path: path)
                return true
            }
        } catch Obstacle.mapResized {
            // The first transaction would take it over too; but if the count is wrong, that is the last moment to open the file anew.
            try takeOverMap()
            return try isInOrder(file)
        } catch let obstacle as Obstacle {
            if obstacle != .replaced { file.hasFailed.store(true, ordering: .releasing) }
            return false
        }
    }

    /// Runs `body` in a write transaction and commits it; nothing is written if it throws. Call within `asWriter`.
    ///
    /// `body` is run again, in a new transaction, if the map turns out to be too small: it must do the same each time.
    package func write<R>(_ body: (inout WriteTransaction) throws -> R) throws -> R {
        try overcomingObstacles { try gate.shared { try writeOnce(body) } }
    }

    /// One write transaction. Call within the gate.
    func writeOnce<R>(_ body: (inout WriteTransaction) throws -> R) throws -> R {
        let file = try openFile()
        try checkIsHeld()
        var handle: OpaquePointer?
        let code = mdb_txn_begin(file.handle, nil, 0, &handle)
        if let obstacle = Obstacle(code) { throw obstacle }
        guard code == 0, let handle else { throw LMDBError.from(code, path: path) }
        var transaction = WriteTransaction(handle: handle, path: path)
        guard CommitCount.isNext(transaction.number, after: Self.lastNumber(file.handle)) else {
            throw CommitCount.error(path: path)
        }
        let result = try body(&transaction)
        do { try transaction.commit() } catch LMDBError.failed(path, EIO, _) {
            throw file.reasonOfShortWrite(path: path)
        }
        FileLength.extend(file)
        commits.ring()
        return result
    }

    /// Throws unless this thread has the right to write the file that is open, which may be another than the one that it got that for. Call
    /// within the gate.
    func checkIsHeld() throws {
        guard LocksOfThread.count(of: try openFile().writerLock) > 0 else {
            let reason = "it was opened anew while it was written; write again"
            throw LMDBError.failed(path: path, code: ESTALE, reason: reason)
        }
    }

    /// Repeats `body` when what was in its way is overcome.
    func overcomingObstacles<R>(_ body: () throws -> R) throws -> R {
        while true {
            do { return try body() } catch LMDBError.mapFull { try growMap() } catch let obstacle as Obstacle {
                switch obstacle {
                case .mapResized: try takeOverMap()
                case .failed, .miscounted:
                    gate.shared { file?.hasFailed.store(true, ordering: .releasing) }
                    try openAnew()
                case .closed, .replaced: try openAnew()
                }
            }
        }
    }
}
