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

    /// The folder that a path names, by what is before its last slash.
    static func folder(of path: String) -> String {
        guard let end = path.lastIndex(of: "/") else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// The location that a file will have.
    static func ofNewFile(_ path: String) throws -> String {
        let folder = folder(of: path)
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        let parent: String
        do { parent = try resolving(folder) } catch LMDBError.notFound {
            throw LMDBError.failed(path: path, code: ENOENT, reason: "there is no such directory")
        } catch let error as LMDBError {
            throw error.naming(path, insteadOf: folder)
        }
        return parent == "/" ? "/" + name : parent + "/" + name
    }
}
