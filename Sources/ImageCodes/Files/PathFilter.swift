import Foundation

/// Which files and directories are taken, by patterns of the shell.
///
/// A pattern without `/` is compared with names at any depth; one with a `/` within it, with the path below the directory that is walked. `*`
/// stands for any number of bytes, `/` among them, `?` for one, `[a-z]` for one of some; a backslash takes the meaning from what
/// follows. One that ends with `/` means directories only.
public struct PathFilter: Hashable, Sendable {
    private var included: [GlobPattern] = []
    private var excluded: [GlobPattern] = []

    /// Whether a text is a pattern: each `[` needs a `]`, unless a backslash stands before it.
    public static func isPattern(_ text: ImagePath) -> Bool {
        var rest = text.bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") { _ = rest.popFirst() }
            guard byte == UInt8(ascii: "[") else { continue }
            // A ] right at the beginning stands for itself.
            guard let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "]")) else { return false }
            rest = rest[(end + 1)...]
        }
        return true
    }

    /// Takes everything.
    public init() {}

    /// Takes, of the files, only those that match one of these patterns, and nothing that matches one of those to be excluded; a directory that
    /// is excluded is not entered.
    public init(including included: [ImagePath], excluding excluded: [ImagePath]) {
        self.included = included.map(GlobPattern.init)
        self.excluded = excluded.map(GlobPattern.init)
    }

    /// Whether a file or directory is to be passed over; `path` is below the directory that is walked.
    package func excludes(_ path: ImagePath, isDirectory: Bool) -> Bool {
        if excluded.contains(where: { $0.matches(path, isDirectory: isDirectory) }) { return true }
        guard !isDirectory, !included.isEmpty else { return false }
        return !included.contains { $0.matches(path, isDirectory: false) }
    }
}

/// A pattern of the shell, as fnmatch(3) has it, on bytes.
private struct GlobPattern: Hashable, Sendable {
    private let pattern: ImagePath
    private let isForPaths: Bool
    private let isForDirectories: Bool

    init(_ text: ImagePath) {
        var bytes = text.bytes[...]
        isForDirectories = bytes.count > 1 && bytes.last == ImagePath.slash
        if isForDirectories { bytes.removeLast() }
        isForPaths = bytes.contains(ImagePath.slash)
        if isForPaths { bytes = bytes.drop { $0 == ImagePath.slash } }
        pattern = ImagePath(bytes: Array(bytes))
    }

    func matches(_ path: ImagePath, isDirectory: Bool) -> Bool {
        guard isDirectory || !isForDirectories else { return false }
        let subject = isForPaths ? path : ImagePath(bytes: Array(path.name))
        return pattern.withCString { pattern in subject.withCString { fnmatch(pattern, $0, 0) == 0 } }
    }
}
