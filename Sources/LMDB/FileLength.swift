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
/// therefore makes up the length. Who opens a short file came between the two, or somebody was killed there, or it has been cut off.
enum FileLength {
    /// Throws `LMDBError.cutOff` if the file that is open has lost pages that are in use.
    ///
    /// - Throws: `LMDBError`; `busy` if it is being written for long.
    static func check(_ file: OpenFile, path: String) throws {
        func isShort() -> Bool { bytes(of: file.descriptor) < Environment.usedBytes(file.handle) }
        try file.writerLock.mend(within: .seconds(10), of: path, unless: { !isShort() }) {
            let expected = Environment.usedBytes(file.handle)
            let walk = PageWalk(try PageFile(owning: file.duplicate(path: path).descriptor, path: path))
            walk.checkAll()
            guard walk.problems.isEmpty else {
                throw LMDBError.cutOff(path: path, bytes: bytes(of: file.descriptor), expected: expected)
            }
            extend(file)
        }
    }

    /// Makes the file as long as its pages, if it is shorter. Failing is no harm: the commit is whole without.
    static func extend(_ file: OpenFile) {
        let expected = Environment.usedBytes(file.handle)
        if bytes(of: file.descriptor) < expected { ftruncate(file.descriptor, off_t(expected)) }
    }

    /// The bytes of a file that is not open; 0 if it is not there.
    static func bytes(at path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private static func bytes(of descriptor: Int32) -> Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }
}
