import HashDB
import HashNets

/// Puts the images below some directories into a store: walks, decodes, encodes and commits, all at the same time.
///
///     let store = try Store.forImages(at: "photos.hashdb", model: model)
///     let summary = try Ingest(store: store, model: model).run([ImagePath("photos")])
///
/// Several collections, each with the codes of another model, are filled in one run, in which each file is read and hashed once, and decoded
/// once for all models that take the same pixels. What each of them gets is what a run of its own would have given it.
///
/// An item of the store stands for one content, and has a place for each file that holds it; see `ImageRecord`. Files that the store knows
/// and whose size, modification time and inode number are the same are not read again. Nor are those that have just another name now, going
/// by these three. Others are read and hashed; they are decoded and encoded only if the store does not have their content. A file
/// that gives no pixels is reported and counted and stops nothing; what the store had of it stays. The same tree gives the same ids.
///
/// Paths are stored below the directories of the first run that met them, without symbolic links, so that the same file is found again from
/// wherever the run is started, and several directories can be put into one store, at once or one after another. A directory that is
/// nowhere any more, and whose files a run meets below one that the store does not know, was moved there: `ImageRoots`.
///
/// The steps run on threads of their own and hand on through queues of fixed size, so that memory does not grow with the number of
/// files: one thread walks, one a core decodes, one encodes in batches (the network itself uses all cores), and the caller's commits.
/// A run that is killed loses what was not yet committed, seconds' worth, and the next one goes on from there.
public struct Ingest: Sendable {
    /// What to do, and how.
    public struct Options: Hashable, Sendable {
        /// Whether to take files out of the store that are, below the directories of the run, not there any more.
        public var removesVanished = false
        /// Where the one directory of the run was when its images were put in, if that does not show. One of the collections at least must
        /// have images from there.
        public var movedFrom: ImagePath?
        /// Which files are taken.
        public var walking = DirectoryWalker.Options()
        /// What may be decoded.
        public var limits = ImageDecoder.Limits()
        /// Threads that decode; 0 is one a core.
        public var decodingThreads = 0
        /// Images that are encoded together, 1 to 65,536; the nearest of those is taken.
        public var batch = 64
        /// Images after which is committed, if `commitInterval` has not passed before; at least 1.
        public var commitCount = 1_000
        /// Time after which is committed.
        public var commitInterval = Duration.seconds(2)

        /// The usual ones.
        public init() {}

        /// The same with numbers that queues can be made of.
        var bounded: Options {
            var options = self
            options.batch = min(max(batch, 1), 1 << 16)
            options.commitCount = min(max(commitCount, 1), 1 << 24)
            return options
        }
    }

    /// A collection, and the model that makes its codes.
    public struct Target: Sendable {
        /// The collection.
        public let store: Store
        let encoder: any ImageEncoder

        /// Names a collection and its model.
        ///
        /// - Throws: `HashDBError.modelMismatch` or `codeWidthMismatch` if the collection's codes are not the model's.
        public init(store: Store, model: ImageModel) throws {
            try self.init(store: store, encoder: model.encoder)
        }

        package init(store: Store, encoder: any ImageEncoder) throws {
            try store.checkEncoder(encoder)
            self.store = store
            self.encoder = encoder
        }
    }

    let targets: [Target]
    let options: Options

    /// Prepares runs with a model.
    ///
    /// - Throws: `HashDBError.modelMismatch` or `codeWidthMismatch` if the store's codes are not the model's.
    public init(store: Store, model: HashModel, options: Options = Options()) throws {
        try self.init(store: store, encoder: model, options: options)
    }

    /// Prepares runs with a model.
    ///
    /// - Throws: `HashDBError.modelMismatch` or `codeWidthMismatch` if the store's codes are not the model's.
    public init(store: Store, model: ImageModel, options: Options = Options()) throws {
        try self.init(store: store, encoder: model.encoder, options: options)
    }

    package init(store: Store, encoder: any ImageEncoder, options: Options = Options()) throws {
        self.init(into: [try Target(store: store, encoder: encoder)], options: options)
    }

    /// Prepares runs that fill several collections together.
    public init(into targets: [Target], options: Options = Options()) {
        self.targets = targets
        self.options = options
    }

    /// Brings the store up to date with directories of images.
    ///
    /// - Parameters:
    ///   - directories: all that is below them is taken; single files may be among them.
    ///   - cancellation: ends the run early when it is cancelled; what was encoded is committed.
    ///   - observe: is told what happens, on the caller's thread.
    /// - Returns: what was done in the store; of several collections, in the first.
    /// - Throws: `ImageCodesError` if a directory is not there, or is said to have been where none was; `HashDBError` if the store cannot be
    ///   read or written (what was committed before stays); `HashNetsError` if the model does not work.
    public func run(
        _ directories: [ImagePath], cancellation: IngestCancellation = IngestCancellation(),
        observe: (IngestEvent) -> Void = { _ in }
    ) throws -> IngestSummary {
        try running(directories, cancellation, observe).first ?? IngestSummary()
    }

    /// The same; tells what was done in each of the collections, in their order.
    ///
    /// A run that is killed may leave one of them behind by what was not yet committed to it; the next one makes up for it.
    /// - Throws: as `run`.
    public func runEach(
        _ directories: [ImagePath], cancellation: IngestCancellation = IngestCancellation(),
        observe: (IngestEvent) -> Void = { _ in }
    ) throws -> [IngestSummary] {
        try running(directories, cancellation, observe)
    }

    func running(
        _ directories: [ImagePath], _ cancellation: IngestCancellation, _ observe: (IngestEvent) -> Void
    ) throws -> [IngestSummary] {
        var summaries = noSummaries
        let walker = try DirectoryWalker(roots: directories, options: options.walkingEveryName)
        try run(IngestScope(walker, options), cancellation: cancellation, observe: observe, into: &summaries)
        return summaries
    }

    /// One for each target, of nothing done.
    var noSummaries: [IngestSummary] { targets.map { _ in IngestSummary() } }

    /// Brings the collections up to date with a part of what is below some directories.
    ///
    /// - Parameter summaries: get what was done added, also if the run ends with an error.
    func run(
        _ scope: IngestScope, cancellation: IngestCancellation, observe: (IngestEvent) -> Void,
        into summaries: inout [IngestSummary]
    ) throws {
        let clock = ContinuousClock()
        let start = clock.now
        for target in targets { try ImageUpgrade(store: target.store).run() }
        var bindings = targets.map {
            RootBinding(store: $0.store, walked: scope.roots, movedFrom: options.movedFrom)
        }
        let knowMove = try bindings.map { try $0.knowsMove() }
        // Of what was moved a collection that is new has nothing.
        for index in bindings.indices where !knowMove[index] && knowMove.contains(true) {
            bindings[index].movedFrom = nil
        }
        let collections = try zip(targets, bindings).map { target, binding in
            IngestCollection(store: target.store, encoder: target.encoder, roots: try binding.bind())
        }
        let pipeline = IngestPipeline(collections, options, walker: scope.walker, cancellation: cancellation)
        var committer = IngestCommitter(pipeline: pipeline)
        defer {
            for (index, done) in committer.finished().enumerated() {
                summaries[index].add(done)
                summaries[index].duration += clock.now - start
                summaries[index].wasCancelled = cancellation.isCancelled
            }
        }
        try committer.run(observe)
        // What a cancelled run did not get to may be where files have gone.
        if cancellation.isCancelled { return }
        if let vanished = scope.vanished { try committer.removeVanished(vanished, observe) }
        try committer.removeDetached()
    }
}

/// A collection that a run fills.
struct IngestCollection: Sendable {
    let store: Store
    let encoder: any ImageEncoder
    /// Where its places begin.
    let roots: ImageRoots
}

extension Ingest.Options {
    /// How a run walks: each name of a file is a place of its own; which of them are one file shows in the record.
    var walkingEveryName: DirectoryWalker.Options {
        var walking = walking
        walking.tellsHardLinksOnce = false
        return walking
    }
}
