/// Where recorded files are looked for that are not there any more.
struct VanishedScope {
    /// Below these every recorded file is looked at.
    var directories: [ImagePath]
    /// Further single ones.
    var paths: [ImagePath] = []
    /// What all of these lie below. Nothing is taken for vanished below one that is not as it was.
    var roots: [SeenPath]
    /// Below these nothing is taken for vanished.
    var exceptions: [ImagePath] = []

    func excepting(_ more: [ImagePath]) -> VanishedScope {
        var scope = self
        scope.exceptions += more
        return scope
    }

    /// Whether the file of an absolute path counts as one that has vanished.
    func countsAsVanished(_ path: ImagePath) -> Bool {
        path.isVanished && !exceptions.contains { path.isWithin($0) }
    }
}

/// What was at a path, to tell later whether it still is there.
struct SeenPath: Hashable, Sendable {
    let path: ImagePath
    private let number: FileNumber?

    /// Looks at a path.
    init(_ path: ImagePath) {
        self.path = path
        number = path.status(followsLinks: false).map { FileNumber($0) }
    }

    /// Whether the same is there, and, if it is a directory, not empty: in place of a disk that is away there is an empty directory, or none.
    var isStanding: Bool {
        guard let status = path.status(followsLinks: false), FileNumber(status) == number else { return false }
        return FileKind(mode: status.st_mode) != .directory || path.holdsEntries
    }
}
