import HashDB

/// What is committed to one of the collections of a run, and what came of it.
struct CollectionCommitter {
    private let pipeline: IngestPipeline
    private let collection: IngestCollection
    private let clock = ContinuousClock()
    private(set) var summary = IngestSummary()
    private var pending: [Encoded] = []
    private var gone: GoneFiles
    private var detached = DetachedImages()

    init(_ collection: IngestCollection, of pipeline: IngestPipeline) {
        self.pipeline = pipeline
        self.collection = collection
        gone = GoneFiles(roots: collection.roots)
    }

    /// Images that wait to be committed.
    var pendingCount: Int { pending.count }

    /// Files whose places are committed.
    var committedCount: Int {
        summary.added + summary.changed + summary.moved + summary.copied + summary.linked
    }

    mutating func take(_ batch: [Encoded], _ observe: IngestCommitter.Observer) {
        for encoded in batch {
            switch encoded {
            case .new, .known:
                pending.append(encoded)
            case .failed(let error, let isNews):
                note(error, isNews: isNews, observe)
            case .passedOver(let path, let reason):
                observe(.passedOver(path, reason))
            }
        }
    }

    private mutating func note(_ error: ImageDecodingError, isNews: Bool, _ observe: IngestCommitter.Observer) {
        summary.failed += 1
        if summary.firstFailures.count < 100 { summary.firstFailures.append(error) }
        if isNews { observe(.failed(error)) }
    }

    mutating func commitPending(_ observe: IngestCommitter.Observer) throws {
        guard !pending.isEmpty else { return }
        let start = clock.now
        let lost = try commit(pending)
        pending.removeAll(keepingCapacity: true)
        summary.work.committing += clock.now - start
        // Contents that the store had when the files were read, and which somebody has deleted since.
        for found in lost {
            let encoded = try pipeline.encodeAgain(found, in: collection)
            if case .failed(let error, _) = encoded {
                note(error, isNews: true, observe)
            } else {
                _ = try commit([encoded])
            }
        }
    }

    /// Returns the files whose codes the store turned out not to have.
    private mutating func commit(_ batch: [Encoded]) throws -> [FoundImage] {
        var (gone, detached) = (gone, detached)
        let (changes, encoded, doubtful, lost) = try collection.store.write { transaction in
            var changes: [ImageChange: Int] = [:]
            var (encoded, doubtful) = (0, 0)
            var lost: [FoundImage] = []
            var images = OpenImages()
            for element in batch {
                guard let (found, new) = element.image else { continue }
                let change = try transaction.put(
                    found, new, among: &images, isGone: { gone.contains($0) }, detached: &detached.ids)
                changes[change, default: 0] += 1
                if let new {
                    encoded += 1
                    if let quality = new.quality, quality < IngestSummary.leastQuality { doubtful += 1 }
                }
                if change == .codeMissing { lost.append(found) }
            }
            try images.write(into: &transaction)
            try detached.mark(in: &transaction)
            return (changes, encoded, doubtful, lost)
        }
        (self.gone, self.detached) = (gone, detached)
        summary.add(changes)
        summary.encoded += encoded
        summary.lowQuality += doubtful
        return lost
    }

    /// A search for its images whose files are not there any more.
    func vanishedImages(_ scope: VanishedScope) -> VanishedImages {
        VanishedImages(store: collection.store, roots: collection.roots, scope)
    }

    /// Takes some of them out.
    mutating func remove(_ vanished: [VanishedImages.Vanished], of search: VanishedImages) throws {
        summary.vanished += try search.remove(vanished)
    }

    /// Takes out of the store what has lost its place in this run, and in earlier ones that were killed or cancelled.
    mutating func removeDetached() throws {
        try detached.remove(from: collection.store, roots: collection.roots)
    }
}

extension Encoded {
    fileprivate var image: (found: FoundImage, new: NewImage?)? {
        switch self {
        case .new(let new, let found): (found, new)
        case .known(let found): (found, nil)
        case .failed, .passedOver: nil
        }
    }
}

extension IngestSummary {
    /// Adds what a run has done after this: what was met, and was there already, is what that run met.
    mutating func add(_ later: IngestSummary) {
        (added, changed) = (added + later.added, changed + later.changed)
        (moved, copied, linked) = (moved + later.moved, copied + later.copied, linked + later.linked)
        (touched, vanished) = (touched + later.touched, vanished + later.vanished)
        (encoded, lowQuality) = (encoded + later.encoded, lowQuality + later.lowQuality)
        (unchanged, failed, firstFailures, skipped) = (
            later.unchanged, later.failed, later.firstFailures, later.skipped
        )
        changedWithOtherNames = later.changedWithOtherNames
        bytesRead += later.bytesRead
        work.decoding += later.work.decoding
        work.encoding += later.work.encoding
        work.committing += later.work.committing
    }

    fileprivate mutating func add(_ changes: [ImageChange: Int]) {
        func count(_ change: ImageChange) -> Int { changes[change] ?? 0 }
        added += count(.added)
        changed += count(.changed)
        moved += count(.moved)
        copied += count(.copied)
        linked += count(.linked)
        touched += count(.touched)
        unchanged += count(.unchanged)
    }
}
