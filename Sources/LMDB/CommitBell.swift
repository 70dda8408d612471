import Synchronization

/// Wakes those who wait for a commit of this process.
package final class CommitBell: Sendable {
    private struct State {
        var rings = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    /// How often it has rung. Ask before looking at the store: what is rung for after that is not missed.
    package var rings: Int { state.withLock { $0.rings } }

    func ring() {
        let waiters = state.withLock { state in
            state.rings += 1
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Waits until it has rung more often than `rings`, for `limit` at most, or until the task is cancelled.
    ///
    /// A limit is taken as a millisecond at least, as less would keep a core busy, and as a year at most, for clocks do not go on for ever.
    package func wait(after rings: Int, atMost limit: Duration) async {
        let limit = min(max(limit, .milliseconds(1)), .seconds(365 * 86_400))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(after: rings) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait(after rings: Int) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation that comes later finds the continuation here.
                    guard state.rings == rings, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
