import HashDB

/// The last step, on the caller's thread: commits codes, and tells the observer what happens.
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

    private var options: Ingest.Options { pipeline.ingest.options }
    private var store: Store { pipeline.ingest.store }

    init(pipeline: IngestPipeline) {
        self.pipeline = pipeline
        pendingSince = clock.now
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
            summary.unchanged = counts.unchanged
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
            if !pending.isEmpty && (isDue || isAtEnd) { try commit() }
            report(observe, isLast: isAtEnd)
        }
    }

    private mutating func take(_ batch: [Encoded], _ observe: Observer) {
        if pending.isEmpty { pendingSince = clock.now }
        for encoded in batch {
            switch encoded {
            case .code, .sameContent:
                pending.append(encoded)
            case .failed(let error):
                summary.failed += 1
                if summary.firstFailures.count < 100 { summary.firstFailures.append(error) }
                observe(.failed(error))
            case .passedOver(let path, let reason):
                observe(.passedOver(path, reason))
            }
        }
    }

    private mutating func commit() throws {
        let start = clock.now
        var (added, updated, touched) = (0, 0, 0)
        try store.write { transaction in
            for encoded in pending {
                switch encoded {
                case .code(let code, let record):
                    if try transaction.putImage(record, code: code) { added += 1 } else { updated += 1 }
                case .sameContent(let record):
                    if try transaction.renewImage(record) { touched += 1 }
                case .failed, .passedOver: break
                }
            }
        }
        pending.removeAll(keepingCapacity: true)
        summary.added += added
        summary.updated += updated
        summary.touched += touched
        committing += clock.now - start
    }

    private mutating func report(_ observe: Observer, isLast: Bool) {
        pipeline.counts.withLock { counts in
            progress.total = counts.total
            progress.isTotalKnown = counts.isTotalKnown
            progress.unchanged = counts.unchanged
            progress.handled = counts.handled
        }
        progress.committed = summary.added + summary.updated
        progress.failed = summary.failed
        reporter.report(&progress, isLast: isLast, observe)
    }

    // MARK: Vanished images

    /// Takes images below the roots out of the store whose files are not there any more.
    mutating func removeVanished(_ observe: Observer) throws {
        progress.phase = .removing
        var roots: [ImagePath] = []
        for root in pipeline.walked.roots {
            if pipeline.walked.entriesInRoots[root] == 0 {
                observe(.keptVanished(directory: root))
            } else {
                roots.append(root)
            }
        }
        var search = VanishedImages(store: store, roots: roots)
        while let vanished = try search.next(), !pipeline.cancellation.isCancelled {
            summary.removed += try search.remove(vanished)
            report(observe, isLast: false)
        }
        report(observe, isLast: true)
    }
}
