import Foundation

/// Hands changes from the thread that learns of them to the one that deals with them, in batches.
package final class ChangeQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private let clock = ContinuousClock()
    private var changes: GatheredChanges
    private var isFinished = false

    package init(_ timing: GatheredChanges.Timing) {
        changes = GatheredChanges(timing)
    }

    package func note(_ more: [TreeChange]) {
        guard !more.isEmpty else { return }
        condition.withLock {
            let now = clock.now
            for change in more { changes.note(change, at: now) }
            condition.signal()
        }
    }

    func giveBack(_ batch: GatheredChanges.Batch) {
        condition.withLock { changes.giveBack(batch, at: clock.now) }
    }

    /// Ends the wait for batches.
    func finish() {
        condition.withLock {
            isFinished = true
            condition.signal()
        }
    }

    /// The next batch, an empty one if there is none until a deadline; `nil` at the end.
    func next(until deadline: ContinuousClock.Instant?) -> GatheredChanges.Batch? {
        condition.withLock {
            while !isFinished {
                let now = clock.now
                if let due = changes.due, due <= now {
                    return changes.take(at: now, isSettled: ChangeQueue.isSettled)
                }
                if let deadline, deadline <= now { return GatheredChanges.Batch() }
                if let next = [changes.due, deadline].compactMap({ $0 }).min() {
                    _ = condition.wait(until: Date(timeIntervalSinceNow: (next - now) / .seconds(1)))
                } else {
                    condition.wait()
                }
            }
            return nil
        }
    }

    /// Whether nothing has happened to a file for a time, or there is none.
    package static func isSettled(_ path: ImagePath, _ time: Duration) -> Bool {
        guard let status = path.status(followsLinks: false) else { return true }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        #if canImport(Darwin)
            let (written, changed) = (status.st_mtimespec, status.st_ctimespec)
        #else
            let (written, changed) = (status.st_mtim, status.st_ctim)
        #endif
        return [written, changed].allSatisfy { then in
            let (seconds, isOverflow) = now.tv_sec.subtractingReportingOverflow(then.tv_sec)
            // So long ago, as somebody has set it, that it cannot be counted.
            if isOverflow { return true }
            let age = Duration.seconds(seconds) + .nanoseconds(now.tv_nsec - then.tv_nsec)
            // A time to come is none that could be waited for.
            return age >= time || age < .zero
        }
    }
}
