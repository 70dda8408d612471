import Synchronization

/// Places for as many tasks as may work at once, and a line of those that wait for one.
///
/// Who waits here keeps no thread, and can leave the line, which a job that an executor has been handed cannot.
final class WaitingLine: Sendable {
    /// Until when somebody waits, and what they get then.
    struct Deadline: Sendable {
        let time: ContinuousClock.Instant
        let error: HashDBError

        fileprivate var hasPassed: Bool { .now >= time }

        /// Waits until it has passed.
        fileprivate func wait() async throws {
            // In steps, as clocks do not go on for ever, and limits may.
            while !hasPassed { try await Task.sleep(until: min(time, .now + .seconds(3600)), clock: .continuous) }
        }
    }

    private typealias Continuation = CheckedContinuation<Void, any Error>

    private struct State {
        /// The places that nobody has. None as long as somebody waits.
        var free: Int
        var nextNumber = 0
        /// Nobody who waits has a lesser number.
        var firstNumber = 0
        var waiting: [Int: Continuation] = [:]

        mutating func takeFree() -> Bool {
            guard free > 0 else { return false }
            free -= 1
            return true
        }

        mutating func takeNumber() -> Int {
            defer { nextNumber += 1 }
            return nextNumber
        }

        /// Puts the current task into the line; what it is to be told at once, if there is no need for that.
        mutating func add(
            _ number: Int, _ continuation: Continuation, _ deadline: Deadline?
        ) -> Result<Void, any Error>? {
            // A cancellation, or the end of the time, that comes later finds the continuation in the line.
            if Task.isCancelled { return .failure(CancellationError()) }
            if takeFree() { return .success(()) }
            if let deadline, deadline.hasPassed { return .failure(deadline.error) }
            waiting[number] = continuation
            firstNumber = min(firstNumber, number)
            return nil
        }

        /// Gives a place to the first who waits for it, if anybody does.
        mutating func passOn() -> Continuation? {
            while !waiting.isEmpty {
                defer { firstNumber += 1 }
                if let first = waiting.removeValue(forKey: firstNumber) { return first }
            }
            free += 1
            return nil
        }
    }

    private let state: Mutex<State>

    init(places: Int) {
        state = Mutex(State(free: places))
    }

    /// Takes a place, for which it waits if need be. Who has one gives it back by `leave`.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled; the deadline's error when that has passed.
    func enter(by deadline: Deadline? = nil) async throws {
        guard let number = state.withLock({ $0.takeFree() ? nil : $0.takeNumber() }) else { return }
        let timer = deadline.map { deadline in
            Task {
                try await deadline.wait()
                giveUp(number, deadline.error)
            }
        }
        defer { timer?.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = state.withLock { $0.add(number, continuation, deadline) }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            giveUp(number, CancellationError())
        }
    }

    /// Gives a place back.
    func leave() {
        state.withLock { $0.passOn() }?.resume()
    }

    /// Takes somebody out of the line; nobody, if they have a place by now. Whoever takes a continuation out resumes it.
    private func giveUp(_ number: Int, _ error: any Error) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(throwing: error)
    }
}
