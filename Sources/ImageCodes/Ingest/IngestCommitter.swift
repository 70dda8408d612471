import HashDB

/// The last step, on the caller's thread: commits codes and places, and tells the observer what happens.
struct IngestCommitter {
    typealias Observer = (IngestEvent) -> Void

    private let pipeline: IngestPipeline
    private let clock = ContinuousClock()
    private var summary = IngestSummary()
    private var pending: [Encoded] = []
    private var pendingSince: ContinuousClock.Instant
    private var progress = IngestProgress()
    private var reporter = ProgressReporter()
    private var committing = Duration.zero
    private var gone: GoneFiles
    private var detached = DetachedImages()

    private var options: Ingest.Options { pipeline.ingest.options }
    private var store: Store { pipeline.ingest.store }

    init(pipeline: IngestPipeline) {
        self.pipeline = pipeline
        pendingSince = clock.now
        gone = GoneFiles(roots: pipeline.roots)
    }

    /// Runs the pipeline to its end, or until it is cancelled or fails.
    mutating func run(_ observe: Observer) throws {
        pipeline.start()
        do {
            try commitAll(observe)
        } catch {
            pipeline.stop(because: error)
        }
        pipeline.join()
        if let error = pipeline.error { throw error }
    }

    /// What was done, when all is done.
    func finished() -> IngestSummary {
        var summary = summary
        pipeline.counts.withLock { counts in
            summary.unchanged += counts.unchanged
            summary.changedWithOtherNames = counts.changedWithOtherNames
            summary.bytesRead = counts.bytesRead
            summary.work = counts.work
        }
        summary.work.committing = committing
        summary.skipped = pipeline.walked.skipped
        return summary
    }

    private mutating func commitAll(_ observe: Observer) throws {
        var isAtEnd = false
        while !isAtEnd {
            switch pipeline.encoded.next(within: ProgressReporter.interval) {
            case .element(let batch): take(batch, observe)
            case .nothingYet: break
            case .end: isAtEnd = true
            }
            let isDue = pending.count >= options.commitCount || clock.now - pendingSince >= options.commitInterval
            if !pending.isEmpty && (isDue || isAtEnd) { try commitPending(observe) }
            report(observe, isLast: isAtEnd)
        }
    }

    private mutating func take(_ batch: [Encoded], _ observe: Observer) {
        if pending.isEmpty { pendingSince = clock.now }
        for encoded in batch {
            switch encoded {
            case .new, .known:
                pending.append(encoded)
            case .failed(let error):
                note(error, observe)
            case .passedOver(let path, let reason):
                observe(.passedOver(path, reason))
            }
        }
    }

    private mutating func note(_ error: ImageDecodingError, _ observe: Observer) {
        summary.failed += 1
        if summary.firstFailures.count < 100 { summary.firstFailures.append(error) }
        observe(.failed(error))
    }

    // MARK: Committing

    private mutating func commitPending(_ observe: Observer) throws {
        let start = clock.now
        let lost = try commit(pending)
        pending.removeAll(keepingCapacity: true)
        committing += clock.now - start
        // Contents that the store had when the files were read, and which somebody has deleted since.
        for found in lost {
            do {
                _ = try commit([try pipeline.encodeAgain(found)])
            } catch let error as ImageDecodingError {
                note(error, observe)
            }
        }
    }

    /// Returns the files whose codes the store turned out not to have.
    private mutating func commit(_ batch: [Encoded]) throws -> [FoundImage] {
        var (gone, detached) = (gone, detached)
        let (changes, encoded, doubtful, lost) = try store.write { transaction in
            var changes: [ImageChange: Int] = [:]
            var (encoded, doubtful) = (0, 0)
            var lost: [FoundImage] = []
            for element in batch {
                guard let (found, new) = element.image else { continue }
                let change = try transaction.put(
                    found, new, isGone: { gone.contains($0) }, detached: &detached.ids)
                changes[change, default: 0] += 1
                if let new {
                    encoded += 1
                    if let quality = new.quality, quality < IngestSummary.leastQuality { doubtful += 1 }
                }
                if change == .codeMissing { lost.append(found) }
            }
            try detached.mark(in: &transaction)
            return (changes, encoded, doubtful, lost)
        }
        (self.gone, self.detached) = (gone, detached)
        summary.add(changes)
        summary.encoded += encoded
        summary.lowQuality += doubtful
        return lost
    }

    private mutating func report(_ observe: Observer, isLast: Bool) {
        pipeline.counts.withLock { counts in
            progress.total = counts.total
            progress.isTotalKnown = counts.isTotalKnown
            progress.unchanged = counts.unchanged
            progress.handled = counts.handled
        }
        progress.committed = summary.added + summary.changed + summary.moved + summary.copied + summary.linked
        progress.failed = summary.failed
        reporter.report(&progress, isLast: isLast, observe)
    }

    // MARK: Vanished files

    /// Takes files out of the store that are not there any more.
    mutating func removeVanished(_ scope: VanishedScope, _ observe: Observer) throws {
        progress.phase = .removing
        let standing = scope.roots.filter(\.isStanding)
        let away = scope.roots.map(\.path).filter { path in !standing.contains { $0.path == path } }
        for directory in away { observe(.keptVanished(directory: directory)) }
        var search = VanishedImages(store: store, roots: pipeline.roots, scope.excepting(away))
        while let vanished = try search.next(), !pipeline.cancellation.isCancelled {
            // What a disk takes along that goes meanwhile has not vanished.
            if let gone = standing.first(where: { !$0.isStanding }) {
                observe(.keptVanished(directory: gone.path))
                break
            }
            summary.vanished += try search.remove(vanished)
            report(observe, isLast: false)
        }
        report(observe, isLast: true)
    }

    /// Takes out of the store what has lost its place in this run, and in earlier ones that were killed.
    mutating func removeDetached() throws {
        try detached.remove(from: store, roots: pipeline.roots)
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
