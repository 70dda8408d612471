import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Looks whether a file is LMDB's before LMDB does, which would make an empty file its own and leave a lock file beside any.
enum FileSignature {
    /// The first page begins with 16 bytes of page header, then 0xBEEFC0DE and the version, 1.
    private static let size = 24
    private static let magic: UInt32 = 0xBEEF_C0DE

    /// Throws unless the file can be read and begins as LMDB's files do, and its lock file is one, if it is there; the error says `path`.
    static func check(_ location: String, named path: String) throws {
        do { try checkCommits(location) } catch let error as LMDBError { throw error.naming(path, insteadOf: location) }
        try checkLockFile(of: location, named: path)
    }

    /// LMDB would write over whatever has the name of its lock file. Its own is empty until it is made, and begins with the same number.
    ///
    /// Call only while this process does not have it open: to close it takes away all `fcntl` locks that the process has on it, and others
    /// would take its readers for dead and give their places to new ones.
    static func checkLockFile(of location: String, named path: String) throws {
        let lock = LockFile.path(of: location)
        var status = stat()
        guard lstat(lock, &status) == 0 else { return }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        if isFile, status.st_size == 0 { return }
        var bytes = [UInt8](repeating: 0, count: 4)
        let descriptor = isFile ? open(lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1
        if isFile, descriptor < 0 { throw LMDBError.fromErrno(path: lock) }
        defer { if descriptor >= 0 { close(descriptor) } }
        func readNumber() -> UInt32? {
            let count = isFile ? bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, 4, 0) } : 0
            return count == 4 ? bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } : nil
        }
        var number = readNumber()
        // Who makes one gives it its length first, and then its number.
        let deadline = ContinuousClock.now + .seconds(1)
        while number == 0, ContinuousClock.now < deadline {
            usleep(1_000)
            number = readNumber()
        }
        guard number == magic else {
            throw LMDBError.failed(
                path: lock, code: EEXIST, reason: "it is not the lock file that \(path) needs there; move it away")
        }
    }

    /// Throws unless the file at `path` can be read, and both places for its commits say what can be. LMDB believes them: it divides by the size
    /// of pages, maps as many as it is told, and goes by the greater number of the two commits.
    static func checkCommits(_ path: String) throws {
        try checkFile(path)
        let file = try PageFile(path: path)
        // Whoever writes meanwhile may be some commits ahead at the second place.
        let problem = file.metaDamage.first ?? file.metaProblems.first { _ in file.metaDistance > 1 << 32 }
        if let problem { throw LMDBError.damaged(path: path, page: problem.page, reason: problem.reason) }
    }

    /// Throws unless the file at `path` can be read and begins as LMDB's files do.
    static func checkFile(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw LMDBError.fromErrno(path: path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw LMDBError.fromErrno(path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LMDBError.notAnEnvironment(path: path, reason: "it is not a file")
        }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, size, 0) }
        guard count >= 0 else { throw LMDBError.fromErrno(path: path) }
        guard count == size, bytes.withUnsafeBytes({ $0.loadUnaligned(fromByteOffset: 16, as: UInt32.self) }) == magic
        else {
            throw LMDBError.notAnEnvironment(
                path: path, reason: count == 0 ? "it is empty" : "it is another kind of file")
        }
        guard bytes.withUnsafeBytes({ $0.loadUnaligned(fromByteOffset: 20, as: UInt32.self) }) == 1 else {
            throw LMDBError.notAnEnvironment(path: path, reason: "it is of another version of LMDB")
        }
    }
}
