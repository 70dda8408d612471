#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Environment {
    /// Makes a file at `path` with these databases and what `fill` writes into them, in one transaction.
    ///
    /// It is written without a name, and gets one when it is whole and on the device: whoever looks meanwhile finds nothing, and of several who
    /// make a file of one name the first that is done does. One who is killed leaves no file of that name; in the first millisecond, `.hashdb-`
    /// and a number.
    /// - Throws: `LMDBError`; `exists` if there is a file already; what `fill` throws.
    package static func create(
        at path: String, databases: [String], options: Options,
        fill: (inout WriteTransaction, [Database]) throws -> Void
    ) throws -> Environment {
        guard !fileExists(path) else { throw LMDBError.exists(path: path) }
        let location = try FileLocation.ofNewFile(path)
        try FileSignature.checkLockFile(of: location, named: path)
        let nameless = try nameless(in: FileLocation.folder(of: location), for: path, options)
        try nameless.asWriter(within: .seconds(10)) { try nameless.addDatabases(named: databases, fill: fill) }
        if options.losesName { return nameless }
        do { try nameless.place(at: location) } catch let error as LMDBError {
            throw error.naming(path, insteadOf: location)
        }
        let new = try open(at: path, options: options)
        _ = try new.databases(named: databases)
        return new
    }

    /// An empty file that has lost its name as soon as LMDB had opened it; messages say `path`.
    private static func nameless(in folder: String, for path: String, _ options: Options) throws -> Environment {
        let draft = "\(folder)/.hashdb-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
        guard createExclusively(draft) else { throw LMDBError.fromErrno(path: path) }
        defer {
            removeFile(draft)
            removeFile(LockFile.path(of: draft))
        }
        return try EnvironmentRegistry.environment(at: draft) {
            try Environment(path: path, location: draft, options: options)
        }
    }

    /// Puts a copy of a file without a name where there is none yet. Whoever does so at the same time, too, is waited for.
    private func place(at location: String) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                _ = try backUp(to: location, check: { _ in }, progress: { _, _ in })
                return
            } catch LMDBError.busy where ContinuousClock.now < deadline {
                usleep(1_000)
            }
        }
    }
}

/// Makes an empty file; false if that fails, and `errno` says why.
private func createExclusively(_ path: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    return descriptor >= 0 && close(descriptor) == 0
}
