import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Guards against files that are shorter than their pages: reading past the end of a mapped file kills the process.
///
/// LMDB need not write the last pages of a transaction that took and gave them back, so a file may rightly be a little short. Every commit
/// therefore makes up the length, and a file that is short when it is opened has been cut off.
enum FileLength {
    /// Throws `LMDBError.cutOff` if the file has fewer bytes.
    static func check(_ path: String, atLeast expected: Int) throws {
        guard let bytes = bytes(of: path) else { throw LMDBError.fromErrno(path: path) }
        guard bytes >= expected else { throw LMDBError.cutOff(path: path, bytes: bytes, expected: expected) }
    }

    /// Makes the file as long, if it is shorter. Failing is no harm: the commit is whole without.
    static func extend(_ path: String, to expected: Int) {
        guard let bytes = bytes(of: path), bytes < expected else { return }
        truncate(path, off_t(expected))
    }

    private static func bytes(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}
