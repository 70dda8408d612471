import Synchronization

/// Chunks of queries that several tasks take in turns, and the commit that all who take some see.
package final class SharedWork: Sendable {
    private let count: Int
    private let chunk: Int
    private let taken = Atomic<Int>(0)
    private let commit = Mutex<CommitIdentity?>(nil)

    package init(count: Int, tasks: Int, leastChunk: Int) {
        self.count = count
        chunk = min(BatchSearch.chunk, max(leastChunk, (count + tasks - 1) / tasks))
    }

    /// The next queries that nobody has taken, or nil if there are none.
    package func next() -> Range<Int>? {
        let start = taken.add(chunk, ordering: .relaxed).oldValue
        return start < count ? start..<min(count, start + chunk) : nil
    }

    /// Whether the first task that asked sees the same.
    package func agrees(on seen: CommitIdentity) -> Bool {
        commit.withLock { first in
            if first == nil { first = seen }
            return first == seen
        }
    }
}
