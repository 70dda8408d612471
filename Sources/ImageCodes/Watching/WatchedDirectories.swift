#if os(Linux)
    import Foundation

    /// Which directories are watched, and what notices about them mean.
    ///
    /// A directory that is moved keeps its watch, with a path that is right no more. So its watch, and those of all directories below it, are
    /// dropped when it leaves its name, and it is walked, and watched, where it comes to.
    struct WatchedDirectories {
        private var paths: [Int32: ImagePath] = [:]
        private let roots: Set<ImagePath>
        private let walking: DirectoryWalker.Options

        init(roots: [ImagePath], walking: DirectoryWalker.Options) {
            self.roots = Set(roots)
            self.walking = walking
        }

        var count: Int { paths.count }

        mutating func add(_ directory: ImagePath, watch: Int32) {
            paths[watch] = directory
        }

        /// What has changed, and the watches that are to be dropped.
        mutating func take(_ event: INotify.Event) -> (changes: [TreeChange], dropped: [Int32]) {
            if event.has(IN_Q_OVERFLOW) { return ([.overflow], []) }
            guard let directory = paths[event.watch] else { return ([], []) }
            if event.has(IN_UNMOUNT) { return ([.unmounted(directory)], []) }
            if event.has(IN_IGNORED) { paths[event.watch] = nil }
            guard !event.name.isEmpty else { return (changes(of: directory, event), []) }
            let path = directory.appending(event.name)
            guard event.has(IN_ISDIR) else { return (changes(ofFile: path, event), []) }
            guard walking.includesHidden || !ImageNames.isHidden(path.name), !ImageNames.isTrash(path.name) else {
                return ([], [])
            }
            guard event.has(IN_MOVED_FROM, IN_DELETE) else { return ([.directory(path)], []) }
            let dropped = paths.filter { $0.value.isWithin(path) }.map(\.key)
            for watch in dropped { paths[watch] = nil }
            return ([.directoryGone(path)], dropped)
        }

        /// What is told of a directory itself is told of it as an entry too, unless it is a root.
        private func changes(of directory: ImagePath, _ event: INotify.Event) -> [TreeChange] {
            guard roots.contains(directory) else { return [] }
            if event.has(IN_IGNORED, IN_DELETE_SELF, IN_MOVE_SELF) { return [.root] }
            return event.has(IN_ATTRIB) ? [.directory(directory)] : []
        }

        private func changes(ofFile path: ImagePath, _ event: INotify.Event) -> [TreeChange] {
            guard walking.includesHidden || !ImageNames.isHidden(path.name) else { return [] }
            // Links may lead to directories, which have no endings.
            if walking.followsLinks,
                path.status(followsLinks: false).map({ FileKind(mode: $0.st_mode) }) == .symbolicLink
            {
                return [.file(path)]
            }
            guard ImageNames.skipReason(ofFile: path.name, unlessOf: walking.endings) == nil else { return [] }
            guard event.has(IN_CREATE, IN_ATTRIB) else { return [.file(path)] }
            guard let status = path.status(followsLinks: false) else { return [.file(path)] }
            guard FileKind(mode: status.st_mode) == .regular else { return [] }
            // A further name of a file comes to be without anything being closed.
            return status.st_nlink > 1 ? [.file(path)] : [.unfinishedFile(path)]
        }
    }
#endif
