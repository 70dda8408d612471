import Foundation

/// Walks directories and tells every file that may be an image and everything that it passes over.
///
///     var walker = try DirectoryWalker(roots: [ImagePath("photos")])
///     while let event = walker.next() { … }
///
/// The order is that of the bytes of the names, a directory's contents where its name stands: always the same for the same
/// tree. Each call of `next` does a bounded amount of work, and memory holds the names in the directories from the root to the
/// present one only. A regular file is taken for an image by the end of its name (`.jpg`, `.heic` …); one that is itself a root
/// is taken whatever its name. Symbolic links are not followed, except in the roots.
public struct DirectoryWalker: Sendable {
    /// What to pass over.
    public struct Options: Hashable, Sendable {
        /// Whether to enter and tell what begins with a dot.
        public var includesHidden = false
        /// Whether a file with several names (hard links) is told only under the first. It takes memory for each such file.
        public var tellsHardLinksOnce = true

        /// Nothing hidden, hard links once.
        public init() {}
    }

    private struct Frame: Sendable {
        var path: ImagePath
        var listing: DirectoryListing
        var next = 0
    }

    /// The roots as they are walked: absolute, without symbolic links, none within another.
    public let roots: [ImagePath]
    /// How many things were passed over, by reason.
    public private(set) var skipped: [SkipReason: Int] = [:]
    /// Things that stand at the top level of each root: a directory where nothing was mounted has none.
    public private(set) var entriesInRoots: [ImagePath: Int] = [:]

    private let options: Options
    private var rootsToCome: [ImagePath]
    private var stack: [Frame] = []
    private var seen: Set<DirectoryListing.Identity> = []
    private var numbers = FileNumbers()

    /// Makes a walker over directories or single files.
    ///
    /// - Throws: `ImageCodesError.notFound` or `.unreadable` if a root is not there.
    public init(roots: [ImagePath], options: Options = Options()) throws {
        let resolved = try Set(roots.map { try $0.resolved() }).sorted()
        self.roots = ImagePath.outermost(resolved)
        self.options = options
        rootsToCome = self.roots.reversed()
    }

    /// The next file, or thing passed over; `nil` at the end.
    public mutating func next() -> WalkEvent? {
        while true {
            if stack.isEmpty {
                guard let root = rootsToCome.popLast() else { return nil }
                if let event = visitRoot(root) { return note(event) }
                continue
            }
            let top = stack.count - 1
            let index = stack[top].next
            guard index < stack[top].listing.count else {
                stack.removeLast()
                continue
            }
            stack[top].next += 1
            if let event = visit(stack[top].listing, index, in: stack[top].path) { return note(event) }
        }
    }

    private mutating func note(_ event: WalkEvent) -> WalkEvent {
        if case .skipped(_, let reason) = event { skipped[reason, default: 0] += 1 }
        return event
    }

    private mutating func visitRoot(_ root: ImagePath) -> WalkEvent? {
        var status = stat()
        guard root.withCString({ lstat($0, &status) }) == 0 else { return .skipped(root, .vanished) }
        let event =
            FileKind(mode: status.st_mode) == .directory ? enter(root) : visit(root, .regular, acceptsAnyName: true)
        entriesInRoots[root] = stack.last?.listing.count ?? 1
        return event
    }

    private mutating func visit(_ listing: DirectoryListing, _ index: Int, in directory: ImagePath) -> WalkEvent? {
        let name = listing.name(at: index)
        let path = directory.appending(name)
        if path.bytes.count >= Int(PATH_MAX) { return .skipped(path, .pathTooLong) }
        if !options.includesHidden && ImageNames.isHidden(name) { return .skipped(path, .hidden) }
        return visit(path, listing.kind(at: index), acceptsAnyName: false)
    }

    /// Looks at an entry whose kind may already be known; a directory is entered and gives no event.
    private mutating func visit(_ path: ImagePath, _ knownKind: FileKind?, acceptsAnyName: Bool) -> WalkEvent? {
        var kind = knownKind
        var status = stat()
        if kind == nil || kind == .regular {
            // Names are cheaper to look at than files.
            if kind == .regular && !acceptsAnyName, let reason = ImageNames.skipReason(ofFile: path.name) {
                return .skipped(path, reason)
            }
            guard path.withCString({ lstat($0, &status) }) == 0 else {
                return .skipped(path, errno == ENOENT || errno == ENOTDIR ? .vanished : .unreadable)
            }
            kind = FileKind(mode: status.st_mode)
        }
        switch kind {
        case .regular:
            return visitFile(path, status, acceptsAnyName: acceptsAnyName)
        case .directory:
            return ImageNames.isTrash(path.name) ? .skipped(path, .trash) : enter(path)
        case .symbolicLink:
            return .skipped(path, .symbolicLink)
        default:
            return .skipped(path, .special)
        }
    }

    private mutating func visitFile(_ path: ImagePath, _ status: stat, acceptsAnyName: Bool) -> WalkEvent {
        if !acceptsAnyName, let reason = ImageNames.skipReason(ofFile: path.name) { return .skipped(path, reason) }
        if options.tellsHardLinksOnce && status.st_nlink > 1 && !seen.insert(.init(status)).inserted {
            return .skipped(path, .hardLink)
        }
        return .file(
            WalkedFile(path: path, stamp: FileStamp(status), inode: numbers.number(of: path, status)))
    }

    private mutating func enter(_ path: ImagePath) -> WalkEvent? {
        do {
            let listing = try DirectoryListing(of: path)
            if stack.contains(where: { $0.listing.identity == listing.identity }) { return .skipped(path, .loop) }
            stack.append(Frame(path: path, listing: listing))
            return nil
        } catch {
            return .skipped(path, error.code == ENOENT || error.code == ENOTDIR ? .vanished : .unreadable)
        }
    }
}

extension ImagePath {
    /// Those of some paths that lie within no other.
    static func outermost(_ paths: [ImagePath]) -> [ImagePath] {
        let all = Set(paths)
        return paths.filter { path in
            // A path that ends above any `/` of this one's.
            path.bytes.indices.allSatisfy { index in
                guard path.bytes[index] == slash, path.bytes.count > 1 else { return true }
                return !all.contains(ImagePath(bytes: index == 0 ? [slash] : Array(path.bytes[..<index])))
            }
        }
    }

    static let dot = UInt8(ascii: ".")

    /// The path as the system resolves it: absolute, without symbolic links, `.` and `..`.
    ///
    /// - Throws: `ImageCodesError.notFound` or `.unreadable`.
    public func resolved() throws -> ImagePath {
        guard let resolved = withCString({ realpath($0, nil) }) else {
            throw ImageCodesError.unreadable(self, SystemError(code: errno))
        }
        defer { free(resolved) }
        let length = strlen(resolved)
        return resolved.withMemoryRebound(to: UInt8.self, capacity: length) { bytes in
            ImagePath(bytes: Array(UnsafeBufferPointer(start: bytes, count: length)))
        }
    }
}
