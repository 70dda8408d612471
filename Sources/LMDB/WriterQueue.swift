import Dispatch
import Synchronization

/// The threads of this process that want to write a file, in the order in which they came.
///
/// One has the turn, and hands it to the one that has waited longest. Were it free for all, a thread that writes again and again would take it
/// again before anybody who waits has woken up.
final class WriterQueue: Sendable {
    private struct State {
        var isTaken = false
        /// What those who wait are woken by, in their order.
        var waiting: [DispatchSemaphore] = []
    }

    private let state = Mutex(State())
    /// How long one who waits sleeps before it looks whether it still should.
    private static let nap = DispatchTimeInterval.milliseconds(5)

    /// Waits for the turn, which is to be given back by `leave`. Returns false where the deadline has come first.
    ///
    /// - Throws: What `giveUp` throws, which is asked every few milliseconds.
    func enter(by deadline: ContinuousClock.Instant, giveUp: () throws -> Void) throws -> Bool {
        guard let bell = line() else { return true }
        do {
            while ContinuousClock.now < deadline {
                try giveUp()
                if bell.wait(timeout: .now() + Self.nap) == .success { return true }
            }
        } catch {
            if !withdraw(bell) { leave() }
            throw error
        }
        // Who cannot withdraw has just got it.
        return !withdraw(bell)
    }

    func leave() {
        let next = state.withLock { state -> DispatchSemaphore? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.signal()
    }

    /// Takes the turn, if it is free, or a place at the end of the line.
    private func line() -> DispatchSemaphore? {
        state.withLock { state in
            guard state.isTaken else {
                state.isTaken = true
                return nil
            }
            let bell = DispatchSemaphore(value: 0)
            state.waiting.append(bell)
            return bell
        }
    }

    /// Gives up a place in the line; false where the turn has come.
    private func withdraw(_ bell: DispatchSemaphore) -> Bool {
        state.withLock { state in
            guard let place = state.waiting.firstIndex(where: { $0 === bell }) else { return false }
            state.waiting.remove(at: place)
            return true
        }
    }
}
