import Foundation

/// Walks directories and tells every file that may be an image and everything that it passes over.
///
///     var walker = try DirectoryWalker(roots: [ImagePath("photos")])
///     while let event = walker.next() { … }
///
/// The order is that of the bytes of the names, a directory's contents where its name stands: always the same for the same
/// tree. Each call of `next` does a bounded amount of work, and memory holds the names in the directories from the root to the
/// present one only. A regular file is taken for an image by the end of its name (`.jpg`, `.heic` …); one that is itself a root
/// is taken whatever its name. Symbolic links are not followed, except in the roots, unless that is asked for.
public struct DirectoryWalker: Sendable {
    /// What to pass over.
    public struct Options: Hashable, Sendable {
        /// Whether to enter and tell what begins with a dot.
        public var includesHidden = false
        /// Whether a file with several names (hard links) is told only under the first. It takes memory for each such file.
        public var tellsHardLinksOnce = true
        /// Whether to follow symbolic links to what lies outside the roots. No directory is entered twice, for which it takes memory.
        public var followsLinks = false
        /// Whether to leave out what other file systems hold than that of the root.
        public var staysOnFileSystem = false
        /// The endings of files that are told, in lower case and without the dot; `nil` for those of images.
        public var endings: Set<String>?
        /// Which names and paths are taken. What is itself a root is taken in any case.
        public var filter = PathFilter()

        /// Nothing hidden, hard links once, no links followed.
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

    /// Is told of each directory right before it is listed.
    var willList: (@Sendable (ImagePath) -> Void)?

    /// What the filter's paths begin at, the root that is being walked if `nil`.
    private let bases: [ImagePath]?
    private let options: Options
    private var rootsToCome: [ImagePath]
    private var stack: [Frame] = []
    private var seen: Set<FileNumber> = []
    private var met: Set<FileNumber> = []
    private var device: UInt64 = 0
    private var base = ImagePath("/")
    private var lastingInodes = LastingInodes()

    /// Makes a walker over directories or single files.
    ///
    /// - Throws: `ImageCodesError.notFound` or `.unreadable` if a root is not there.
    public init(roots: [ImagePath], options: Options = Options()) throws {
        self.init(resolved: try roots.map { try $0.resolved() }, options: options)
    }

    /// Makes a walker over what lies somewhere below other directories, `bases`, where a walk over these would meet it: names and
    /// filters hold for the roots too.
    init(resolved roots: [ImagePath], bases: [ImagePath]? = nil, options: Options = Options()) {
        self.roots = ImagePath.outermost(Set(roots).sorted())
        self.bases = bases
        self.options = options
        rootsToCome = self.roots.reversed()
        guard options.followsLinks else { return }
        // Where links lead to, these are not to be entered.
        for root in self.roots { if let status = root.status(followsLinks: false) { met.insert(FileNumber(status)) } }
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
        guard let status = root.status(followsLinks: false) else { return .skipped(root, .vanished) }
        base = bases?.first { root.isWithin($0) } ?? root
        let baseStatus = base == root ? status : base.status(followsLinks: false) ?? status
        device = FileNumber(baseStatus).device
        if base != root {
            // A folder may have become a trash since it was entered.
            if hasTrash(above: root) { return .skipped(root, .trash) }
            return visit(root, FileKind(mode: status.st_mode), acceptsAnyName: false)
        }
        return FileKind(mode: status.st_mode) == .directory
            ? enter(root, followsLink: false, isRoot: true) : visit(root, .regular, acceptsAnyName: true)
    }

    private mutating func visit(_ listing: DirectoryListing, _ index: Int, in directory: ImagePath) -> WalkEvent? {
        visit(directory.appending(listing.name(at: index)), listing.kind(at: index), acceptsAnyName: false)
    }

    /// Looks at an entry whose kind may already be known; a directory is entered and gives no event.
    private mutating func visit(_ path: ImagePath, _ knownKind: FileKind?, acceptsAnyName: Bool) -> WalkEvent? {
        if path.bytes.count >= Int(PATH_MAX) { return .skipped(path, .pathTooLong) }
        if !acceptsAnyName && !options.includesHidden && ImageNames.isHidden(path.name) {
            return .skipped(path, .hidden)
        }
        // Names are cheaper to look at than files.
        if knownKind == .regular && !acceptsAnyName, let reason = reasonToSkip(file: path) {
            return .skipped(path, reason)
        }
        guard knownKind == nil || knownKind == .regular else { return visit(path, knownKind, nil, acceptsAnyName) }
        guard let status = path.status(followsLinks: false) else { return .skipped(path, .ofLastError) }
        return visit(path, FileKind(mode: status.st_mode), status, acceptsAnyName)
    }

    /// - Parameter status: of a regular file.
    private mutating func visit(
        _ path: ImagePath, _ kind: FileKind?, _ status: stat?, _ acceptsAnyName: Bool
    ) -> WalkEvent? {
        switch (kind, status) {
        case (.regular, let status?): visitFile(path, status, acceptsAnyName: acceptsAnyName)
        case (.directory, _): visitDirectory(path, followsLink: false)
        case (.symbolicLink, _): options.followsLinks ? follow(path) : .skipped(path, .symbolicLink)
        default: .skipped(path, .special)
        }
    }

    private mutating func visitFile(_ path: ImagePath, _ status: stat, acceptsAnyName: Bool) -> WalkEvent {
        if !acceptsAnyName, let reason = reasonToSkip(file: path) { return .skipped(path, reason) }
        let number = FileNumber(status)
        if options.staysOnFileSystem && number.device != device { return .skipped(path, .otherFileSystem) }
        if options.tellsHardLinksOnce && status.st_nlink > 1 && !seen.insert(number).inserted {
            return .skipped(path, .hardLink)
        }
        return .file(
            WalkedFile(
                path: path, stamp: FileStamp(status), inode: lastingInodes.inode(of: path, status),
                hasOtherNames: status.st_nlink > 1))
    }

    private mutating func visitDirectory(_ path: ImagePath, followsLink: Bool) -> WalkEvent? {
        if path.isTrash { return .skipped(path, .trash) }
        if options.filter.excludes(path.relative(to: base), isDirectory: true) { return .skipped(path, .excluded) }
        return enter(path, followsLink: followsLink, isRoot: false)
    }

    /// Whether the path lies in a trash below the base of the walk.
    private func hasTrash(above path: ImagePath) -> Bool {
        var directory = path.directory
        while directory.bytes.count > base.bytes.count {
            if directory.isTrash { return true }
            directory = directory.directory
        }
        return false
    }

    private func reasonToSkip(file path: ImagePath) -> SkipReason? {
        if let reason = ImageNames.skipReason(ofFile: path.name, unlessOf: options.endings) { return reason }
        return options.filter.excludes(path.relative(to: base), isDirectory: false) ? .excluded : nil
    }

    /// What a link leads to is met under the link's name, unless it lies below a root: then it is met there.
    private mutating func follow(_ link: ImagePath) -> WalkEvent? {
        guard let status = link.status(followsLinks: true), let target = try? link.resolved(),
            !(bases ?? roots).contains(where: { target.isWithin($0) })
        else { return .skipped(link, .symbolicLink) }
        switch FileKind(mode: status.st_mode) {
        case .regular: return visitFile(link, status, acceptsAnyName: false)
        case .directory: return visitDirectory(link, followsLink: true)
        default: return .skipped(link, .special)
        }
    }

    private mutating func enter(_ path: ImagePath, followsLink: Bool, isRoot: Bool) -> WalkEvent? {
        willList?(path)
        do {
            let listing = try DirectoryListing(of: path, followsLink: followsLink)
            let number = listing.fileNumber
            if stack.contains(where: { $0.listing.fileNumber == number }) { return .skipped(path, .loop) }
            if options.staysOnFileSystem && number.device != device { return .skipped(path, .otherFileSystem) }
            if options.followsLinks && !met.insert(number).inserted && !isRoot {
                return .skipped(path, .alreadyWalked)
            }
            stack.append(Frame(path: path, listing: listing))
            return nil
        } catch {
            return .skipped(path, error.isAbsence ? .vanished : .unreadable)
        }
    }
}

extension ImagePath {
    /// Whether this directory is one where a system keeps what was deleted: by its name, or as a desktop lays out its `Trash`.
    fileprivate var isTrash: Bool {
        let letters = ImageNames.lowercased(name)
        // A desktop's on another disk ends in the user's number.
        if ImageNames.isTrash(name) || letters.starts(with: ".trash-".utf8) { return true }
        return letters.elementsEqual("trash".utf8)
            && ["files", "info"].allSatisfy { folder in
                let status = appending(folder.utf8).status(followsLinks: true)
                return status.map { FileKind(mode: $0.st_mode) } == .directory
            }
    }
}

extension SkipReason {
    /// Why something could not be looked at just now.
    fileprivate static var ofLastError: SkipReason {
        SystemError(code: errno).isAbsence ? .vanished : .unreadable
    }
}
