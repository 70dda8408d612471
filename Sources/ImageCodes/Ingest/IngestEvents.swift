import Synchronization

/// How far a run of `Ingest` has come.
public struct IngestProgress: Hashable, Sendable {
    /// What the run is doing.
    public enum Phase: Hashable, Sendable {
        /// Images are read, encoded and committed.
        case ingesting
        /// Files that have vanished are looked for, and their places removed.
        case removing
    }

    /// Nothing is done yet.
    public init() {}

    /// What the run is doing.
    public var phase = Phase.ingesting
    /// Files that may be images, as far as counted; grows until `isTotalKnown`.
    public var total = 0
    /// Whether all files are counted.
    public var isTotalKnown = false
    /// Files dealt with: encoded, unchanged or failed. Those that are not yet committed count.
    public var handled = 0
    /// Files that the store has already, unchanged.
    public var unchanged = 0
    /// Files whose places are committed: new, changed, moved, copied and linked ones.
    public var committed = 0
    /// Files that gave no code.
    public var failed = 0
    /// Files dealt with in a second, of late.
    public var rate = 0.0
    /// Seconds that the rest will take at this rate; `nil` while that cannot be told.
    public var secondsLeft: Double? {
        isTotalKnown && rate > 0 ? Double(max(total - handled, 0)) / rate : nil
    }
}

/// What a run of `Ingest` tells while it goes on.
public enum IngestEvent: Sendable {
    /// A few times a second.
    case progress(IngestProgress)
    /// A file that gave no code.
    case failed(ImageDecodingError)
    /// Something that was passed over though it may hold images: an unreadable directory, say.
    case passedOver(ImagePath, SkipReason)
    /// A directory that is gone or without any entry, whose images in the store were not removed: its disk is likely not mounted.
    case keptVanished(directory: ImagePath)
}

/// What a run of `Ingest` has done.
public struct IngestSummary: Hashable, Sendable {
    /// Nothing is done yet.
    public init() {}

    /// Files whose content is new in the store, at places that it did not know.
    public var added = 0
    /// Files that hold something else than they did.
    public var changed = 0
    /// Files that the store knew at places where they are no more.
    public var moved = 0
    /// Files at new places with a content that the store has at another place too.
    public var copied = 0
    /// Further names (hard links) of files that the store has.
    public var linked = 0
    /// Files that are as they were; nothing was read of them.
    public var unchanged = 0
    /// Files that were written again with the same bytes; their records were renewed.
    public var touched = 0
    /// Files that are not there any more, whose places were taken out of the store.
    public var vanished = 0
    /// Images that were encoded: of the files added and changed, those whose content the store did not have.
    public var encoded = 0
    /// Those of them whose perceptual hash has a quality below `leastQuality`.
    public var lowQuality = 0
    /// Codes of less quality say too little to find copies by; others who use PDQ discard them.
    public static let leastQuality: UInt8 = 50
    /// Files that gave no code.
    public var failed = 0
    /// The first failures, a hundred at most.
    public var firstFailures: [ImageDecodingError] = []
    /// Things passed over, by reason.
    public var skipped: [SkipReason: Int] = [:]
    /// Files with several names (hard links) that were not as the store knew them under the name that was met.
    var changedWithOtherNames = 0
    /// Whether the run was cancelled; what was done is committed.
    public var wasCancelled = false
    /// How long it took.
    public var duration = Duration.zero
    /// Bytes of image files read.
    public var bytesRead: UInt64 = 0
    /// Time spent in each step, added up over its threads.
    public var work = Work()

    /// Time spent in the steps of the pipeline, each added up over its threads, without waiting for the others.
    public struct Work: Hashable, Sendable {
        /// Reading files, hashing their bytes and decoding.
        public var decoding = Duration.zero
        /// Computing codes.
        public var encoding = Duration.zero
        /// Committing.
        public var committing = Duration.zero
    }
}

/// Asks a run of `Ingest` or of `TreeWatch` to stop; may be used from any thread.
public final class IngestCancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let actions = Mutex<[@Sendable () -> Void]>([])

    /// Nothing is cancelled yet.
    public init() {}

    /// The run finishes the images at hand, commits them and returns.
    public func cancel() {
        let actions = actions.withLock { actions in
            flag.store(true, ordering: .relaxed)
            defer { actions = [] }
            return actions
        }
        for action in actions { action() }
    }

    /// Calls `action` once when this is cancelled, at once if it is already.
    func whenCancelled(_ action: @escaping @Sendable () -> Void) {
        let isCancelled = actions.withLock { actions in
            if !flag.load(ordering: .relaxed) { actions.append(action) }
            return flag.load(ordering: .relaxed)
        }
        if isCancelled { action() }
    }

    /// Whether `cancel` was called.
    public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
