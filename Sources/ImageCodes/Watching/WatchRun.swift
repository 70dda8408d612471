import Foundation
import HashDB

/// A watch while it goes on, on the caller's thread.
struct WatchRun {
    private let watch: TreeWatch
    private let roots: [ImagePath]
    private let cancellation: IngestCancellation
    private let observe: (WatchEvent) -> Void
    private let queue: ChangeQueue
    private let storeFiles: [SeenPath]
    private let clock = ContinuousClock()

    private var places: [WatchedPlace]
    #if os(Linux)
        private var notices: TreeNotices?
    #endif
    private var isPolling = false
    private var isFirst = true
    private var isWaitingForWriter = false
    private var told = ToldTroubles()
    /// What an update had done, in each collection, when it found the store busy.
    private var carried: [IngestSummary]

    private var options: TreeWatch.Options { watch.options }

    init(
        _ watch: TreeWatch, roots: [ImagePath], cancellation: IngestCancellation,
        observe: @escaping (WatchEvent) -> Void
    ) {
        self.watch = watch
        self.roots = roots
        self.cancellation = cancellation
        self.observe = observe
        places = roots.map { WatchedPlace(root: $0) }
        queue = watch.options.changesForTests ?? ChangeQueue(watch.options.timing)
        carried = watch.ingest.noSummaries
        storeFiles = Set(watch.ingest.targets.map(\.store.path)).map { SeenPath(ImagePath($0)) }
        cancellation.whenCancelled { [queue] in queue.finish() }
    }

    mutating func run() throws {
        listen()
        try update(GatheredChanges.Batch(isEverything: true))
        while let batch = queue.next(until: deadline) { try update(batch) }
    }

    mutating func stop() {
        #if os(Linux)
            notices?.stop()
            notices = nil
        #endif
    }

    /// When to look again even if nothing was told.
    private var deadline: ContinuousClock.Instant? {
        if isPolling { return clock.now + options.pollingInterval }
        return places.contains(where: \.isAway) ? clock.now + options.awayInterval : nil
    }

    // MARK: Hearing of changes

    /// Begins to hear of changes, anew if it was done before.
    private mutating func listen() {
        stop()
        guard options.changesForTests == nil else { return }
        guard !options.isPolling else { return poll(.asked) }
        #if os(Linux)
            do {
                notices = try TreeNotices(
                    roots: roots, walking: options.ingest.walking, queue: queue, limit: options.mostDirectories)
            } catch {
                poll(error)
            }
        #else
            poll(.notOffered)
        #endif
    }

    private mutating func poll(_ reason: PollingReason) {
        stop()
        isPolling = true
        observe(.polling(every: options.pollingInterval, reason))
    }

    /// What a walk does with each directory before it is listed.
    private var willList: (@Sendable (ImagePath) -> Void)? {
        #if os(Linux)
            guard let notices else { return nil }
            return { notices.watch($0) }
        #else
            return nil
        #endif
    }

    // MARK: Updates

    private mutating func update(_ given: GatheredChanges.Batch) throws {
        if let lost = storeFiles.first(where: { !$0.isStanding }) {
            throw HashDBError.storeNotFound(path: lost.path.description)
        }
        var batch = given
        if batch.hasOverflowed {
            observe(.overflow)
            // Watches may have paths that are right no more.
            if !isPolling { listen() }
            batch.hasOverflowed = false
        }
        look(&batch)
        batch.isEverything =
            batch.isEverything || isPolling || (options.ingest.walking.followsLinks && !batch.paths.isEmpty)
        let away = places.filter(\.isAway).map(\.path)
        batch.paths = batch.paths.filter { path in !away.contains { path.isWithin($0) } }
        guard batch.isEverything || !batch.paths.isEmpty else { return }
        told.begin(batch.isEverything ? nil : batch.paths)
        do {
            let isWhole = try run(batch, away)
            isWaitingForWriter = false
            report(isWhole: isWhole)
        } catch HashDBError.busy {
            if !isWaitingForWriter { observe(.waitingForWriter) }
            isWaitingForWriter = true
            queue.giveBack(batch)
        }
        #if os(Linux)
            if let failure = notices?.failure { poll(failure) }
        #endif
    }

    /// Looks which directories are there, and adds to a batch what follows.
    private mutating func look(_ batch: inout GatheredChanges.Batch) {
        for path in ImagePath.outermost(batch.unmounted.sorted()) where !roots.contains(path) {
            guard !places.contains(where: { $0.isAway && path.isWithin($0.path) }) else { continue }
            places.append(WatchedPlace(unmounted: path))
            observe(.gone(path))
        }
        for index in places.indices {
            switch places[index].look() {
            case .same: break
            case .gone: observe(.gone(places[index].path))
            case .back:
                observe(.back(places[index].path))
                batch.paths.insert(places[index].path)
                batch.isEverything = batch.isEverything || places[index].isRoot
            }
        }
        // Below a root that is away, nothing more can be said of what was mounted there.
        places.removeAll { !$0.isRoot && !$0.isAway }
    }

    /// Brings the store up to date; returns whether everything was looked at.
    private mutating func run(_ batch: GatheredChanges.Batch, _ away: [ImagePath]) throws -> Bool {
        let present = roots.filter { !away.contains($0) }
        guard !present.isEmpty else { return batch.isEverything }
        if !batch.isEverything {
            let seen = present.map(SeenPath.init)
            let gone = batch.goneDirectories.filter { path in present.contains { path.isWithin($0) } }
            try run(
                IngestScope(
                    changed: batch.paths, goneDirectories: gone.sorted(), below: seen, away: away, options.ingest))
            // Others of its names may be recorded with what it held before.
            if carried.allSatisfy({ $0.changedWithOtherNames == 0 }) || cancellation.isCancelled { return false }
            told.begin(nil)
        }
        let walker = DirectoryWalker(resolved: present, options: options.ingest.walkingEveryName)
        try run(IngestScope(walker, options.ingest, away: away))
        if !cancellation.isCancelled { told.endWhole() }
        return true
    }

    private mutating func run(_ scope: IngestScope) throws {
        var scope = scope
        scope.walker.willList = willList
        var (told, summaries) = (told, carried)
        let observe = observe
        defer { (self.told, carried) = (told, summaries) }
        try watch.ingest.run(
            scope, cancellation: cancellation,
            observe: { event in
                if told.isToBeTold(event) { observe(.ingest(event)) }
            }, into: &summaries)
    }

    private mutating func report(isWhole: Bool) {
        let isNews = told.takeNews() || isFirst || carried.contains { $0.hasChanges || $0.wasCancelled }
        observe(.updated(WatchUpdate(summaries: carried, isWhole: isWhole, isFirst: isFirst, isNews: isNews)))
        isFirst = false
        carried = watch.ingest.noSummaries
    }
}

extension IngestSummary {
    /// Whether the store was changed.
    fileprivate var hasChanges: Bool {
        [added, changed, moved, copied, linked, touched, vanished].contains { $0 > 0 }
    }
}
