#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Names from the root on, without links: what they stand for does not change with the process's directory, and the lock file of a store
/// is the same by whatever name it is opened.
enum FileLocation {
    /// The location of a file that is there.
    static func resolving(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw LMDBError.fromErrno(path: path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The location that a file will have.
    static func ofNewFile(_ path: String) throws -> String {
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = end.map { path[path.index(after: $0)...] } ?? path[...]
        let parent: String
        do { parent = try resolving(folder) } catch LMDBError.notFound {
            throw LMDBError.failed(path: path, code: ENOENT, reason: "there is no such directory")
        } catch let error as LMDBError {
            throw error.naming(path, insteadOf: folder)
        }
        return parent == "/" ? "/" + name : parent + "/" + name
    }
}
