/// A file that a `DirectoryWalker` found and that may be an image.
public struct WalkedFile: Hashable, Sendable {
    /// Where it is; below the root that was asked for.
    public var path: ImagePath
    /// Its size and modification time.
    public var stamp: FileStamp
    /// The number by which its file system knows it, whatever it is called; 0 where such numbers do not last.
    public var inode: UInt64
    /// Whether it has further names (hard links), somewhere.
    var hasOtherNames = false
}

/// Why a `DirectoryWalker` passed something over.
public enum SkipReason: Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// A file or directory whose name begins with a dot.
    case hidden
    /// A directory where a system keeps what was deleted.
    case trash
    /// The name does not end like one of an image.
    case notAnImage
    /// An image, going by the name, of a format that is not read here.
    case formatNotRead
    /// A symbolic link that is not followed: none is, or it leads nowhere or to what is met in its own place.
    case symbolicLink
    /// Excluded, or not included, by a pattern.
    case excluded
    /// On another file system than the root.
    case otherFileSystem
    /// A directory that several symbolic links lead to.
    case alreadyWalked
    /// Another name of a file that was already seen.
    case hardLink
    /// A pipe, socket or device.
    case special
    /// A directory that may not be read, or a file that may not be looked at.
    case unreadable
    /// A directory that is mounted within itself.
    case loop
    /// Longer than the system's paths may be.
    case pathTooLong
    /// Gone between the reading of its directory and the look at it.
    case vanished

    /// The reason, to follow a number: "12 hidden".
    public var description: String { words.many }

    /// So many things with their reason: "1 symbolic link".
    public func description(of count: Int) -> String {
        "\(count) \(count == 1 ? words.one : words.many)"
    }

    private var words: (one: String, many: String) {
        switch self {
        case .hidden: ("hidden", "hidden")
        case .trash: ("in the trash", "in the trash")
        case .notAnImage: ("not an image", "not images")
        case .formatNotRead: ("of a format that is not read", "of formats that are not read")
        case .symbolicLink: ("symbolic link", "symbolic links")
        case .excluded: ("excluded", "excluded")
        case .otherFileSystem: ("on another file system", "on other file systems")
        case .alreadyWalked: ("folder met before", "folders met before")
        case .hardLink: ("further name of a file already seen", "further names of files already seen")
        case .special: ("pipe, socket or device", "pipes, sockets and devices")
        case .unreadable: ("unreadable", "unreadable")
        case .loop: ("folder within itself", "folders within themselves")
        case .pathTooLong: ("with a path too long for the system", "with paths too long for the system")
        case .vanished: ("gone meanwhile", "gone meanwhile")
        }
    }
}

/// What a `DirectoryWalker` meets.
public enum WalkEvent: Hashable, Sendable {
    /// A regular file with the name of an image.
    case file(WalkedFile)
    /// Something passed over. A directory that is passed over counts as one, whatever it holds.
    case skipped(ImagePath, SkipReason)
}
