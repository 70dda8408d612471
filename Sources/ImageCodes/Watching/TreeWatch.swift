import HashDB

/// Keeps a store the mirror of some directories for as long as it runs.
///
///     let watch = try TreeWatch(store: store, model: model)
///     try watch.run([ImagePath("photos")], cancellation: cancellation) { event in … }
///
/// It begins with what `Ingest` does with `removesVanished`, then waits for changes. These are gathered until the tree has been quiet for a
/// moment, or for a while if it never is, and then what has changed is looked at and brought up to date: files that came, were
/// changed, moved or removed, and directories with all below them. The store is what a run of `Ingest` at this moment
/// would have made it, as soon as there are no further changes.
///
/// On Linux the system tells of changes (inotify); a file counts when it is closed, so that none is read half written. Where the system does not
/// tell, or has no room for so many directories, everything is looked at once in `Options.pollingInterval`. So it is with file systems that
/// others change too, such as NFS, if `Options.isPolling` is set: a system tells of what it did itself. Nor does it tell of a file that is changed
/// under another name (hard link) outside of the directories; the next look at everything finds that. If more happens than the system
/// can tell, everything is looked at, as it is each time if symbolic links are followed.
///
/// A directory that is removed or unmounted as a whole takes nothing out of the store: it is named and looked for, and what is below it counts
/// again when it is back. Between updates the store is open to other writers; one that keeps it for long is waited for.
public struct TreeWatch: Sendable {
    /// What to do, and how.
    public struct Options: Sendable {
        /// How images are taken in. `removesVanished` counts as set, `movedFrom` as not.
        public var ingest = Ingest.Options()
        /// Whether changes are looked for even where the system tells of them.
        public var isPolling = false
        /// How often, where that is done.
        public var pollingInterval = Duration.seconds(60)
        /// How long the tree is to be quiet before what has changed is looked at.
        public var quiet = Duration.milliseconds(500)
        /// How long changes wait in a tree that is never quiet.
        public var longestWait = Duration.seconds(5)

        /// How long a file that came to be, and was not closed, is to be left alone before it counts.
        package var settling = Duration.seconds(5)
        /// How often directories are looked for that are away.
        package var awayInterval = Duration.seconds(5)
        /// The most directories that are watched.
        package var mostDirectories = Int.max
        /// Whether to hear of no changes but those that a test tells, and whom it tells.
        package var changesForTests: ChangeQueue?

        /// The usual ones.
        public init() {}

        var timing: GatheredChanges.Timing {
            var timing = GatheredChanges.Timing()
            (timing.quiet, timing.latest, timing.settling) = (quiet, longestWait, settling)
            return timing
        }
    }

    let ingest: Ingest
    let options: Options

    /// Prepares to watch, with a model.
    ///
    /// - Throws: `HashDBError.modelMismatch` or `codeWidthMismatch` if the store's codes are not the model's.
    public init(store: Store, model: ImageModel, options: Options = Options()) throws {
        try self.init(store: store, encoder: model.encoder, options: options)
    }

    package init(store: Store, encoder: any ImageEncoder, options: Options = Options()) throws {
        self.init(keeping: [try Ingest.Target(store: store, encoder: encoder)], options: options)
    }

    /// Prepares to watch for several collections together.
    public init(keeping targets: [Ingest.Target], options: Options = Options()) {
        var options = options
        options.ingest.removesVanished = true
        options.ingest.movedFrom = nil
        ingest = Ingest(into: targets, options: options.ingest)
        self.options = options
    }

    /// Keeps the store up to date with directories of images, until it is cancelled.
    ///
    /// - Parameters:
    ///   - directories: all that is below them is taken.
    ///   - cancellation: ends the watch, and the update that it is at early; what was encoded is committed.
    ///   - observe: is told what happens, on the caller's thread.
    /// - Throws: `ImageCodesError` if a directory is not there at the beginning, or is none; `HashDBError` if the store cannot be read or
    ///   written, or is not where it was; `HashNetsError` if the model does not work.
    public func run(
        _ directories: [ImagePath], cancellation: IngestCancellation,
        observe: (WatchEvent) -> Void = { _ in }
    ) throws {
        try running(directories, cancellation, observe)
    }

    /// Keeps the store up to date with directories of images, until the task is cancelled; see the call that is not `async`.
    ///
    /// It runs on threads of its own, of which one calls `observe`, and blocks none that tasks share. The cancelled task ends an update early; what was
    /// encoded is committed.
    /// - Throws: as the call that is not `async`.
    public func run(
        _ directories: [ImagePath], observe: @escaping @Sendable (WatchEvent) -> Void = { _ in }
    ) async throws {
        let cancellation = IngestCancellation()
        try await WorkThreads.runApart(cancel: cancellation.cancel) {
            try running(directories, cancellation, observe)
        }
    }

    private func running(
        _ directories: [ImagePath], _ cancellation: IngestCancellation, _ observe: (WatchEvent) -> Void
    ) throws {
        let roots = try DirectoryWalker(roots: directories).roots
        for root in roots {
            guard try FileKind.look(at: root) == .directory else {
                throw ImageCodesError.notADirectory(path: root.description)
            }
        }
        try withoutActuallyEscaping(observe) { observe in
            var run = WatchRun(self, roots: roots, cancellation: cancellation, observe: observe)
            defer { run.stop() }
            try run.run()
        }
    }
}
