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
    /// The first page begins with 16 bytes of page header, then 0xBEEFC0DE.
    private static let size = 20
    private static let magic: UInt32 = 0xBEEF_C0DE

    /// Throws unless the file at `path` can be read and begins as LMDB's files do.
    static func check(_ path: String) throws {
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
    }
}
