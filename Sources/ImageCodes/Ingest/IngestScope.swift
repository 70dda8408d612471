/// What a run of `Ingest` looks at: everything below some directories, or what has changed there.
struct IngestScope {
    /// The directories, resolved.
    var roots: [ImagePath]
    /// Walks what is to be looked at.
    var walker: DirectoryWalker
    /// Where vanished files are looked for, if they are.
    var vanished: VanishedScope?
}

extension IngestScope {
    /// All that a walker meets.
    ///
    /// - Parameter away: directories below the roots of which nothing can be said, as their disks were taken away.
    init(_ walker: DirectoryWalker, _ options: Ingest.Options, away: [ImagePath] = []) {
        roots = walker.roots
        self.walker = walker
        guard options.removesVanished else { return }
        vanished = VanishedScope(directories: roots, roots: roots.map(SeenPath.init), exceptions: away)
    }

    /// Some paths below directories, whatever is there now, with all below them.
    ///
    /// - Parameters:
    ///   - directories: those that went away, the files below which are looked for in the store.
    ///   - seen: the directories as they were when the changes were learned of.
    init(
        changed paths: Set<ImagePath>, goneDirectories directories: [ImagePath], below seen: [SeenPath],
        away: [ImagePath], _ options: Ingest.Options
    ) {
        roots = seen.map(\.path)
        var parents = DirectPaths()
        let present = paths.filter { $0.status(followsLinks: false) != nil && parents.contains($0) }
        walker = DirectoryWalker(resolved: Array(present), bases: roots, options: options.walkingEveryName)
        vanished = VanishedScope(directories: directories, paths: paths.sorted(), roots: seen, exceptions: away)
    }
}

/// Tells paths that no symbolic link lies on.
private struct DirectPaths {
    private var parents: [ImagePath: Bool] = [:]

    mutating func contains(_ path: ImagePath) -> Bool {
        let parent = path.directory
        if let known = parents[parent] { return known }
        let isDirect = (try? parent.resolved()) == parent
        parents[parent] = isDirect
        return isDirect
    }
}
