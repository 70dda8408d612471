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
