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
        var unchanged = 0
        var handled = 0
        /// Files with several names (hard links) that were not as the store knew them under the name that was met.
        var changedWithOtherNames = 0
        var bytesRead: UInt64 = 0
        var work = IngestSummary.Work()
    }

    let ingest: Ingest
    let roots: ImageRoots
    let cancellation: IngestCancellation
    let counts = Mutex(Counts())
    let encoded: BoundedQueue<[Encoded]>

    private let candidates: BoundedQueue<(number: Int, candidate: Candidate)>
    private let decoded: OrderedQueue<Decoded>
    private let walker: Mutex<DirectoryWalker>
    private let failure = Mutex<(any Error)?>(nil)
    private let threads: Mutex<[WorkerThreads]> = Mutex([])

    init(ingest: Ingest, walker: DirectoryWalker, roots: ImageRoots, cancellation: IngestCancellation) {
        self.ingest = ingest
        self.roots = roots
        self.cancellation = cancellation
        self.walker = Mutex(walker)
        let batch = ingest.options.batch
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
            ingest.options.decodingThreads > 0 ? ingest.options.decodingThreads : WorkerThreads.processorCount
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

    /// The code of a file whose content was thought to be known.
    ///
    /// - Throws: `ImageDecodingError`, if it gives no code now.
    func encodeAgain(_ found: FoundImage) throws -> Encoded {
        let file = WalkedFile(
            path: found.path, stamp: FileStamp(size: found.content.size, modificationTime: 0), inode: found.place.inode)
        var stage = EncodingStage(ingest)
        stage.add(try DecodingStage(ingest).decode(file, found.place))
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
                for candidate in try candidates(among: events) {
                    guard candidates.put((numbered, candidate)) else { return }
                    numbered += 1
                }
            } catch {
                return stop(because: error)
            }
        }
        self.walker.withLock { $0 = walker }
    }

    /// Leaves out what is as the store knows it, and what need not be told. One snapshot serves many files, but is held no longer:
    /// the store could not reuse its pages.
    private func candidates(among events: [WalkEvent]) throws -> [Candidate] {
        var (unchanged, withOtherNames) = (0, 0)
        let candidates = try ingest.store.read { snapshot in
            try events.compactMap { event -> Candidate? in
                switch event {
                case .skipped(let path, let reason):
                    return reason.isWorthTelling ? .passedOver(path, reason) : nil
                case .file(let file):
                    let candidate = try Candidate(file, roots, snapshot)
                    if candidate == nil { unchanged += 1 }
                    if file.hasOtherNames, case .file = candidate { withOtherNames += 1 }
                    return candidate
                }
            }
        }
        counts.withLock {
            $0.unchanged += unchanged
            $0.handled += unchanged
            $0.changedWithOtherNames += withOtherNames
        }
        return candidates
    }

    private func decode() {
        let stage = DecodingStage(ingest)
        let clock = ContinuousClock()
        while let (number, candidate) = candidates.next() {
            var result: Decoded
            switch candidate {
            case .passedOver(let path, let reason): result = .passedOver(path, reason)
            case .file where cancellation.isCancelled: result = .dropped
            case .recognised(let found): result = .known(found)
            case .file(let file, let place):
                let start = clock.now
                do {
                    result = try stage.decode(file, place)
                } catch let error as ImageDecodingError {
                    result = .failed(error)
                } catch {
                    return stop(because: error)
                }
                counts.withLock {
                    $0.work.decoding += clock.now - start
                    $0.bytesRead += result.bytesRead
                }
            }
            guard decoded.put(result, number: number) else { return }
        }
    }

    private func encode() {
        defer { encoded.finish() }
        var stage = EncodingStage(ingest)
        var isAtEnd = false
        while !isAtEnd {
            switch decoded.next(within: 0.25) {
            case .element(let element):
                // After a cancellation, images that were decoded ahead are left to the next run.
                stage.add(cancellation.isCancelled ? element.withoutPixels : element)
                if !stage.isFull(ingest.options.batch) { continue }
            // With nothing new for a while, what there is goes on: it might be committed, and lost if not.
            case .nothingYet: break
            case .end: isAtEnd = true
            }
            if !stage.isEmpty && !finishBatch(&stage) { return }
        }
    }

    /// Whether to go on.
    private func finishBatch(_ stage: inout EncodingStage) -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let batch = try stage.finishBatch()
            counts.withLock {
                $0.work.encoding += clock.now - start
                $0.handled += batch.count { !$0.isPassedOver }
            }
            return encoded.put(batch)
        } catch {
            stop(because: error)
            return false
        }
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
