/// Changes that are gathered until the tree is quiet for a moment, so that what belongs together is dealt with together.
///
/// A tree that is never quiet gets its turn all the same. Paths are all that is kept: what has become of them is for those to see who look.
package struct GatheredChanges {
    /// How long things are waited for.
    package struct Timing: Hashable, Sendable {
        /// For further changes, after each.
        package var quiet = Duration.milliseconds(500)
        /// For further changes, after the first.
        package var latest = Duration.seconds(5)
        /// For a file that came to be to be closed.
        package var settling = Duration.seconds(5)

        package init() {}
    }

    /// What is to be looked at.
    package struct Batch: Equatable, Sendable {
        package var paths: Set<ImagePath> = []
        /// Directories that went away: the store may know files below them, whose names nobody has told.
        package var goneDirectories: Set<ImagePath> = []
        package var unmounted: Set<ImagePath> = []
        /// Whether everything is to be looked at.
        package var isEverything = false
        /// Whether it is because the system lost some.
        package var hasOverflowed = false

        package init(isEverything: Bool = false) {
            self.isEverything = isEverything
        }

        /// With more single paths than that, a look at everything is cheaper.
        private static let mostPaths = 1 << 16

        fileprivate mutating func boundPaths() {
            guard paths.count > Batch.mostPaths else { return }
            isEverything = true
            paths.removeAll()
        }
    }

    package typealias Instant = ContinuousClock.Instant

    private let timing: Timing
    private var batch = Batch()
    private var unfinished: Set<ImagePath> = []
    private var first: Instant?
    private var last: Instant?
    private var nextLookAtUnfinished: Instant?

    package init(_ timing: Timing) {
        self.timing = timing
    }

    /// When it is time for a batch; `nil` if nothing has changed.
    package var due: Instant? {
        var times: [Instant] = []
        if let first, let last { times.append(min(first + timing.latest, last + timing.quiet)) }
        if let nextLookAtUnfinished { times.append(nextLookAtUnfinished) }
        return times.min()
    }

    package mutating func note(_ change: TreeChange, at now: Instant) {
        switch change {
        case .unfinishedFile(let path):
            // It counts when it is closed, or when nothing has happened to it for a while.
            guard !batch.paths.contains(path) else { break }
            unfinished.insert(path)
            nextLookAtUnfinished = nextLookAtUnfinished ?? now + timing.settling
            return
        case .file(let path):
            unfinished.remove(path)
            batch.paths.insert(path)
        case .directory(let path):
            batch.paths.insert(path)
        case .directoryGone(let path):
            batch.paths.insert(path)
            batch.goneDirectories.insert(path)
        case .unmounted(let path):
            batch.unmounted.insert(path)
        case .root:
            break
        case .overflow:
            batch.isEverything = true
            batch.hasOverflowed = true
        }
        batch.boundPaths()
        stir(now)
    }

    /// Takes a batch back that could not be dealt with.
    package mutating func giveBack(_ given: Batch, at now: Instant) {
        batch.paths.formUnion(given.paths)
        batch.goneDirectories.formUnion(given.goneDirectories)
        batch.unmounted.formUnion(given.unmounted)
        batch.isEverything = batch.isEverything || given.isEverything
        batch.hasOverflowed = batch.hasOverflowed || given.hasOverflowed
        batch.boundPaths()
        stir(now)
    }

    /// What is to be looked at now.
    ///
    /// - Parameter isSettled: whether a file that came to be, and was not closed, was left alone for that long, or is gone.
    package mutating func take(at now: Instant, isSettled: (ImagePath, Duration) -> Bool) -> Batch {
        if let time = nextLookAtUnfinished, time <= now {
            let settled = unfinished.filter { isSettled($0, timing.settling) }
            unfinished.subtract(settled)
            batch.paths.formUnion(settled)
            nextLookAtUnfinished = unfinished.isEmpty ? nil : now + timing.settling
        }
        defer { (batch, first, last) = (Batch(), nil, nil) }
        return batch
    }

    private mutating func stir(_ now: Instant) {
        first = first ?? now
        last = now
    }
}
