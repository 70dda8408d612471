import Foundation
import HashDB
import Synchronization

/// The threads of a run and the queues between them: walking → `candidates` → decoding → `decoded` → encoding → `encoded`, which the
/// caller's thread empties.
final class IngestPipeline: Sendable {
    /// What several threads count.
    struct Counts {
        var total = 0
        var isTotalKnown = false
        /// Files that are as all collections know them.
        var unchanged = 0
        var handled = 0
        var bytesRead: UInt64 = 0
        var decoding = Duration.zero
        var collections: [OfCollection]

        struct OfCollection {
            var unchanged = 0
            /// Files with several names (hard links) that were not as it knew them under the name that was met.
            var changedWithOtherNames = 0
            var encoding = Duration.zero
        }
    }

    let collections: [IngestCollection]
    let options: Ingest.Options
    let cancellation: IngestCancellation
    let counts: Mutex<Counts>
    /// For each collection what is to be committed to it.
    let encoded: BoundedQueue<[[Encoded]]>

    // Of each file what is to be done, and what was done, for each collection.
    private let candidates: BoundedQueue<(number: Int, candidates: [Candidate?])>
    private let decoded: OrderedQueue<[Decoded]>
    private let walker: Mutex<DirectoryWalker>
    private let failure = Mutex<(any Error)?>(nil)
    private let threads: Mutex<[WorkerThreads]> = Mutex([])

    init(
        _ collections: [IngestCollection], _ options: Ingest.Options, walker: DirectoryWalker,
        cancellation: IngestCancellation
    ) {
        self.collections = collections
        self.options = options.bounded
        self.cancellation = cancellation
        self.walker = Mutex(walker)
        counts = Mutex(Counts(collections: collections.map { _ in Counts.OfCollection() }))
        let batch = self.options.batch
        candidates = BoundedQueue(capacity: 2 * batch)
        decoded = OrderedQueue(window: 2 * batch)
        encoded = BoundedQueue(capacity: 4)
    }

    /// The walker, when the run is over.
    var walked: DirectoryWalker { walker.withLock { $0 } }

    /// The first error that ended the run, if one did.
    var error: (any Error)? { failure.withLock { $0 } }

    func start() {
        let decoders =
            options.decodingThreads > 0 ? options.decodingThreads : WorkerThreads.processorCount
        threads.withLock { threads in
            threads.append(WorkerThreads(count: 1, name: "count") { [self] _ in count() })
            threads.append(WorkerThreads(count: 1, name: "walk") { [self] _ in walk() })
            threads.append(WorkerThreads(count: decoders, name: "decode") { [self] _ in decode() })
            threads.append(WorkerThreads(count: 1, name: "encode") { [self] _ in encode() })
        }
    }

    /// Waits for all threads to end, which they do when the work is done or `stop` was called.
    func join() {
        for group in threads.withLock({ $0 }) { group.join() }
    }

    /// Ends all threads without finishing the work.
    func stop(because error: (any Error)? = nil) {
        failure.withLock { if $0 == nil { $0 = error } }
        candidates.abort()
        decoded.abort()
        encoded.abort()
    }

    /// Encodes a file whose content a collection was thought to have.
    func encodeAgain(_ found: FoundImage, in collection: IngestCollection) throws -> Encoded {
        let file = WalkedFile(
            path: found.path, stamp: FileStamp(size: found.content.size, modificationTime: 0), inode: found.place.inode)
        var stage = EncodingStage(collection, options)
        var decoding = DecodingStage([collection], options)
        stage.add(try decoding.decode([.file(file, found.place)]).results[0])
        return try stage.finishBatch()[0]
    }

    private var isStopped: Bool { error != nil || cancellation.isCancelled }

    // MARK: Steps

    /// Counts the files ahead of the walk, which waits for the other steps, so that the time left can be told.
    private func count() {
        var counter = walker.withLock { $0 }
        counter.willList = nil
        var total = 0
        while !isStopped, let event = counter.next() {
            guard case .file = event else { continue }
            total += 1
            if total % 256 == 0 { counts.withLock { $0.total = total } }
        }
        counts.withLock {
            $0.total = total
            $0.isTotalKnown = !isStopped
        }
    }

    /// Walks, and hands on what the store does not know.
    private func walk() {
        var numbered = 0
        defer {
            candidates.finish()
            decoded.finish(count: numbered)
        }
        var walker = walker.withLock { $0 }
        var isAtEnd = false
        while !isAtEnd && !isStopped {
            var events: [WalkEvent] = []
            while events.count < 256, !isAtEnd, !isStopped {
                if let event = walker.next() { events.append(event) } else { isAtEnd = true }
            }
            do {
                for file in try candidates(among: events) {
                    guard candidates.put((numbered, file)) else { return }
                    numbered += 1
                }
            } catch {
                return stop(because: error)
            }
        }
        self.walker.withLock { $0 = walker }
    }

    /// Leaves out what is as all collections know it, and what need not be told.
    private func candidates(among events: [WalkEvent]) throws -> [[Candidate?]] {
        var files = events.map { _ in [Candidate?]() }
        for (index, collection) in collections.enumerated() {
            var (unchanged, withOtherNames) = (0, 0)
            // One snapshot serves many files, but is held no longer: the store could not reuse its pages.
            try collection.store.read { snapshot in
                var images = OpenImages()
                for (number, event) in events.enumerated() {
                    var candidate: Candidate?
                    switch event {
                    case .skipped(let path, let reason):
                        if index == 0, reason.isWorthTelling { candidate = .passedOver(path, reason) }
                    case .file(let file):
                        candidate = try Candidate(file, collection.roots, among: &images, snapshot)
                        if candidate == nil { unchanged += 1 }
                        if file.hasOtherNames, case .file = candidate { withOtherNames += 1 }
                    }
                    files[number].append(candidate)
                }
            }
            counts.withLock {
                $0.collections[index].unchanged += unchanged
                $0.collections[index].changedWithOtherNames += withOtherNames
            }
        }
        let isToBeHandled = files.map { $0.contains { $0 != nil } }
        let unchanged = zip(events, isToBeHandled).count { event, isToBeHandled in event.isFile && !isToBeHandled }
        counts.withLock {
            $0.unchanged += unchanged
            $0.handled += unchanged
        }
        return zip(files, isToBeHandled).filter(\.1).map(\.0)
    }

    private func decode() {
        var stage = DecodingStage(collections, options)
        let clock = ContinuousClock()
        while let (number, candidates) = candidates.next() {
            let start = clock.now
            do {
                let (results, bytesRead) = try stage.decode(candidates, isCancelled: cancellation.isCancelled)
                counts.withLock {
                    $0.decoding += clock.now - start
                    $0.bytesRead += bytesRead
                }
                guard decoded.put(results, number: number) else { return }
            } catch {
                return stop(because: error)
            }
        }
    }

    private func encode() {
        defer { encoded.finish() }
        var stages = collections.map { EncodingStage($0, options) }
        var files = 0
        var isAtEnd = false
        while !isAtEnd {
            switch decoded.next(within: 0.25) {
            case .element(let file):
                if file.contains(where: \.isOfFile) { files += 1 }
                for (index, element) in file.enumerated() {
                    // After a cancellation, images that were decoded ahead are left to the next run.
                    stages[index].add(cancellation.isCancelled ? element.withoutPixels : element)
                }
                if !stages.contains(where: { $0.isFull(options.batch) }) { continue }
            // With nothing new for a while, what there is goes on: it might be committed, and lost if not.
            case .nothingYet: break
            case .end: isAtEnd = true
            }
            if stages.contains(where: { !$0.isEmpty }) && !finishBatch(&stages, files: files) { return }
            files = 0
        }
    }

    /// Whether to go on.
    private func finishBatch(_ stages: inout [EncodingStage], files: Int) -> Bool {
        let clock = ContinuousClock()
        do {
            var batches: [[Encoded]] = []
            for index in stages.indices {
                let start = clock.now
                batches.append(try stages[index].finishBatch())
                counts.withLock { $0.collections[index].encoding += clock.now - start }
            }
            counts.withLock { $0.handled += files }
            return encoded.put(batches)
        } catch {
            stop(because: error)
            return false
        }
    }
}

extension WalkEvent {
    fileprivate var isFile: Bool {
        if case .file = self { true } else { false }
    }
}

extension SkipReason {
    /// Whether what is behind it may be images that somebody misses.
    fileprivate var isWorthTelling: Bool {
        switch self {
        case .unreadable, .loop, .pathTooLong: true
        default: false
        }
    }
}
