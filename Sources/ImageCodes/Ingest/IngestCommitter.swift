import HashDB

/// The last step, on the caller's thread: commits codes and places, and tells the observer what happens.
struct IngestCommitter {
    typealias Observer = (IngestEvent) -> Void

    private let pipeline: IngestPipeline
    private let clock = ContinuousClock()
    private var collections: [CollectionCommitter]
    private var pendingSince: ContinuousClock.Instant
    private var progress = IngestProgress()
    private var reporter = ProgressReporter()

    private var options: Ingest.Options { pipeline.options }

    init(pipeline: IngestPipeline) {
        self.pipeline = pipeline
        collections = pipeline.collections.map { CollectionCommitter($0, of: pipeline) }
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

    /// What was done in each collection, when all is done.
    func finished() -> [IngestSummary] {
        let (counts, skipped) = (pipeline.counts.withLock { $0 }, pipeline.walked.skipped)
        return zip(collections, counts.collections).map { collection, own in
            var summary = collection.summary
            summary.unchanged += own.unchanged
            summary.changedWithOtherNames = own.changedWithOtherNames
            summary.work.encoding = own.encoding
            summary.work.decoding = counts.decoding
            summary.bytesRead = counts.bytesRead
            summary.skipped = skipped
            return summary
        }
    }

    private mutating func commitAll(_ observe: Observer) throws {
        var isAtEnd = false
        while !isAtEnd {
            switch pipeline.encoded.next(within: ProgressReporter.interval) {
            case .element(let batches): take(batches, observe)
            case .nothingYet: break
            case .end: isAtEnd = true
            }
            let isDue = pendingCount >= options.commitCount || clock.now - pendingSince >= options.commitInterval
            if pendingCount > 0 && (isDue || isAtEnd) {
                for index in collections.indices { try collections[index].commitPending(observe) }
            }
            report(observe, isLast: isAtEnd)
        }
    }

    private mutating func take(_ batches: [[Encoded]], _ observe: Observer) {
        if pendingCount == 0 { pendingSince = clock.now }
        for (index, batch) in batches.enumerated() { collections[index].take(batch, observe) }
    }

    /// Images that wait in the collection where most do.
    private var pendingCount: Int { collections.map(\.pendingCount).max() ?? 0 }

    private mutating func report(_ observe: Observer, isLast: Bool) {
        pipeline.counts.withLock { counts in
            // The count goes ahead of the work, unless its thread gets no time.
            progress.total = max(counts.total, counts.handled)
            progress.isTotalKnown = counts.isTotalKnown
            progress.unchanged = counts.unchanged
            progress.handled = counts.handled
        }
        progress.committed = collections.map(\.committedCount).max() ?? 0
        progress.failed = collections.map(\.summary.failed).max() ?? 0
        reporter.report(&progress, isLast: isLast, observe)
    }

    // MARK: Vanished files

    /// Takes files out of the collections that are not there any more.
    mutating func removeVanished(_ scope: VanishedScope, _ observe: Observer) throws {
        progress.phase = .removing
        let standing = scope.roots.filter(\.isStanding)
        let away = scope.roots.map(\.path).filter { path in !standing.contains { $0.path == path } }
        for directory in away { observe(.keptVanished(directory: directory)) }
        collections: for index in collections.indices {
            var search = collections[index].vanishedImages(scope.excepting(away))
            while let vanished = try search.next(), !pipeline.cancellation.isCancelled {
                // What a disk takes along that goes meanwhile has not vanished.
                if let gone = standing.first(where: { !$0.isStanding }) {
                    observe(.keptVanished(directory: gone.path))
                    break collections
                }
                try collections[index].remove(vanished, of: search)
                report(observe, isLast: false)
            }
        }
        report(observe, isLast: true)
    }

    /// Takes out of the collections what has lost its place in this run, and in earlier ones that were killed or cancelled.
    mutating func removeDetached() throws {
        for index in collections.indices { try collections[index].removeDetached() }
    }
}
