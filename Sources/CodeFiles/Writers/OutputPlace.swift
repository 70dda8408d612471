#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a file is to be written, looked at before the work: a name that was mistaken shall cost nobody a store or a photograph.
package struct OutputPlace {
    /// Which file it is, by whatever name; of one that is still to come, its name in a folder.
    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
        var newName: [UInt8]?

        init(_ status: stat, newName: [UInt8]? = nil) {
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(truncatingIfNeeded: status.st_ino)
            self.newName = newName
        }
    }

    /// The name of the file itself: a symbolic link stays, and what it leads to is replaced.
    let target: String
    /// Whether a new file takes the name when it is whole. Standard output, a pipe, a device or an open file is written to as it is.
    let isReplaced: Bool
    /// The permissions of the file that is there.
    var permissions: mode_t? { status.map { $0.st_mode & 0o777 } }
    private let path: String
    private let status: stat?
    private let identity: Identity

    /// Looks at a place; `-` is standard output.
    ///
    /// - Throws: `CodeFileError` where there is no folder for the file, or a symbolic link that leads nowhere.
    package init(_ path: String) throws {
        self.path = path
        var found = stat()
        if path == "-" {
            guard fstat(1, &found) == 0 else { throw CodeFileError.last("standard output") }
            (target, isReplaced, status, identity) = (path, false, nil, Identity(found))
            return
        }
        let isLink = lstat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFLNK
        if stat(path, &found) == 0 {
            isReplaced = found.st_mode & S_IFMT == S_IFREG && Self.openDescriptor(path) == nil
            target = try isReplaced && isLink ? Self.resolved(path) : path
            (status, identity) = (found, Identity(found))
            return
        }
        let error = CodeFileError.last(path)
        guard case .system(_, Int(ENOENT), _) = error else { throw error }
        guard !isLink else { throw Self.refusal(path, "it is a symbolic link that leads nowhere") }
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
        let folder = name == path.startIndex ? "." : String(path[..<name])
        guard name < path.endIndex, stat(folder, &found) == 0 else { throw error }
        (target, isReplaced, status, identity) = (path, true, nil, Identity(found, newName: Array(path.utf8[name...])))
    }

    /// Whether both are one file, by whatever links, or would be.
    package func isSame(as other: OutputPlace) -> Bool { identity == other.identity }

    /// Throws where something else is than a file of the kind, and without a kind where a store is.
    func check(_ kind: OutputKind? = nil) throws {
        // Of what is no file, nothing is read: a pipe might never give anything.
        guard let status, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return }
        let file = try ByteInput(path: path)
        // After the head of LMDB's first page, the number that its files are known by.
        guard try file.read(4, at: 16).number(at: 0, bytes: 4) != 0xBEEF_C0DE else {
            throw Self.refusal(path, "a store is there")
        }
        if let kind, try !kind.includes(file) { throw Self.refusal(path, "something else is there") }
    }

    /// The descriptor that a name stands for: such a file belongs to whoever has opened it, and is written to from where it is.
    static func openDescriptor(_ path: String) -> Int32? {
        switch path {
        case "-", "/dev/stdout": return 1
        case "/dev/stderr": return 2
        default:
            let folder = ["/dev/fd/", "/proc/self/fd/"].first { path.hasPrefix($0) }
            return folder.flatMap { Int32(path.dropFirst($0.count)) }
        }
    }

    private static func resolved(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw CodeFileError.last(path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func refusal(_ path: String, _ reason: String) -> CodeFileError {
        .unsupported(path: path, reason: "cannot be written: \(reason); choose another name")
    }
}
