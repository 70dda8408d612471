import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// Copies of the file as of one commit, without its free pages.
extension Environment {
    /// What a copy came to.
    package struct CopyOutcome {
        /// The bytes of the file, and of the copy.
        package let oldBytes: Int
        package let newBytes: Int
        /// Whether there was an unfinished copy, which a killed process had left.
        package let hasReplacedRemains: Bool
    }

    /// How much of a copy is done, and how much there is, in bytes. What it throws ends the copy.
    package typealias CopyProgress = (_ done: Int, _ total: Int) throws -> Void

    /// Copies the last commit to a file that is not there yet. Others may read and write meanwhile.
    ///
    /// - Parameters:
    ///   - destination: Its path. There is nothing under it until the copy is whole and on the device.
    ///   - check: Gets the names of the databases; what it throws ends the copy.
    ///   - progress: What is told how far it is.
    /// - Throws: `LMDBError`; `exists` if there is a file at the destination, `damaged` where a page cannot be believed.
    package func backUp(
        to destination: String, check: ([String]) throws -> Void, progress: CopyProgress
    ) throws -> CopyOutcome {
        guard !Self.fileExists(destination) else { throw LMDBError.exists(path: destination) }
        return try withPages { file, meta, status in
            try check(PageWalk(file, meta).names())
            let new = try PartialFile(for: destination, from: PageCopy.metaPages * file.pageSize)
            try new.takeOver(status, owner: false)
            let outcome = try copy(file, meta, to: new, progress)
            try new.place()
            return outcome
        }
    }

    /// Puts a copy of the last commit in the place of the file. Nobody writes meanwhile.
    ///
    /// Readers go on with the old file as long as their transactions last. The copy goes on counting commits where the file was, as the
    /// lock file, which stays, does for all processes.
    /// - Parameters:
    ///   - limit: How long to wait for another writer.
    ///   - giveUp: Asked meanwhile; what it throws ends the wait.
    ///   - check: Gets the names of the databases; what it throws ends the copy.
    ///   - progress: What is told how far it is.
    /// - Throws: `LMDBError`; `damaged` where a page cannot be believed. The file is as before then, unless what failed was to wait
    ///   until the new file's name is on the device.
    package func compact(
        within limit: Duration, giveUp: () throws -> Void, check: ([String]) throws -> Void,
        progress: CopyProgress
    ) throws -> CopyOutcome {
        try asWriter(within: limit, giveUp: giveUp) {
            try withPages { file, meta, status in
                try checkIsHeld()
                try check(PageWalk(file, meta).names())
                let new = try PartialFile(for: location, from: PageCopy.metaPages * file.pageSize)
                try checkOnlyName()
                try new.takeOver(status, owner: true)
                let outcome = try copy(file, meta, to: new, progress)
                try new.replace()
                // The new file stays locked meanwhile. If this cannot be done, some readers may be late by one commit more.
                withExtendedLifetime(new) { try? file.settle(on: meta, as: meta.transaction) }
                nameCheck.expire()
                return outcome
            }
        }
    }

    private func copy(
        _ file: PageFile, _ meta: PageFile.Meta, to new: PartialFile, _ progress: CopyProgress
    ) throws -> CopyOutcome {
        let bytes = try withoutActuallyEscaping(progress) { progress in
            var copy = PageCopy(file, meta, to: new, progress: progress)
            return try copy.run()
        }
        // It is not given its place before it has been read back, which may be ended like the copy.
        let walk = PageWalk(try PageFile(path: new.path))
        try walk.checkAll { _, _ in try progress(bytes, bytes) }
        if let problem = walk.problems.first {
            throw LMDBError.damaged(path: new.path, page: problem.page, reason: problem.reason)
        }
        return CopyOutcome(
            oldBytes: file.pageCount * file.pageSize, newBytes: bytes, hasReplacedRemains: new.hasReplaced)
    }

    /// Runs `body` on the file's pages and the last commit, of which no page is used again meanwhile.
    private func withPages<R>(_ body: (PageFile, PageFile.Meta, stat) throws -> R) throws -> R {
        var attempts = 0
        while true {
            let result: R? = try read { transaction in
                let (descriptor, status) = try openFile().duplicate(path: path)
                let file = try PageFile(owning: descriptor, path: path)
                let number = transaction.number
                // Two commits may have come since the transaction began, and have taken the place of its own.
                guard let meta = file.metas.first(where: { $0.transaction == UInt64(truncatingIfNeeded: number) })
                else { return nil }
                return try body(file, meta, status)
            }
            if let result { return result }
            attempts += 1
            guard attempts < 1000 else {
                throw LMDBError.damaged(path: path, page: 0, reason: "the last commit is not there")
            }
        }
    }

    /// Throws if the file has another name than this.
    private func checkOnlyName() throws {
        var status = stat()
        guard fstat(try openFile().descriptor, &status) == 0 else { throw LMDBError.fromErrno(path: path) }
        guard status.st_nlink == 1 else {
            throw LMDBError.failed(
                path: path, code: EMLINK,
                reason: "it has \(status.st_nlink) names, of which only this one would lead to the new file")
        }
    }
}
