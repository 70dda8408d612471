#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The name of a file in its directory, which a loss of power can take away although the file itself is safe.
enum DirectoryEntry {
    /// Waits until the names in the directory of `path` are on the device; file systems that cannot do that need not.
    static func synchronize(_ path: String) throws {
        let descriptor = open(FileLocation.folder(of: path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
            throw LMDBError.fromErrno(path: path)
        }
    }
}
