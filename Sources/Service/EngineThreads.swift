import Dispatch
import ImageCodes
import Synchronization

/// Threads for answering requests, and the requests that wait for one.
///
/// Searches keep a core busy and images wait for a disk, which would starve Swift's own pool. There are as many threads as may work at
/// once, and a bounded number of requests waits; more are refused. Whoever waits is told when it takes too long, while a thread that is at
/// work on the answer comes to its end in its own time.
package final class EngineThreads: Sendable {
    private struct State {
        var waiting: [Job] = []
        var first = 0
        var isStopped = false
        /// All that have not been answered, waiting or at work.
        var unanswered: [ObjectIdentifier: Job] = [:]

        mutating func next() -> Job? {
            guard first < waiting.count else { return nil }
            defer {
                first += 1
                if first > 64, 2 * first > waiting.count {
                    waiting.removeFirst(first)
                    first = 0
                }
            }
            return waiting[first]
        }
    }

    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)
    private let most: Int
    /// Only kept and, once, cancelled; Dispatch's objects may be used by any thread.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// Starts threads.
    ///
    /// - Parameters:
    ///   - count: how many requests are answered at once.
    ///   - waiting: how many may wait.
    package init(count: Int, waiting: Int) {
        most = waiting
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "hashdb deadlines"))
        timer.setEventHandler { [weak self] in self?.giveUpLate() }
        timer.schedule(deadline: .now() + .milliseconds(50), repeating: .milliseconds(50))
        timer.resume()
        _ = WorkerThreads(count: count, name: "hashdb serve") { _ in
            while let job = self.next() { job.run { self.forget(job) } }
        }
    }

    /// The answer of `body`, run on one of the threads.
    ///
    /// - Throws: `ServiceError` if too many wait, or it takes too long.
    package func run(
        by deadline: Deadline, _ body: @escaping @Sendable () -> HTTPResponse
    ) async throws -> HTTPResponse {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(deadline: deadline, continuation, body)
            let isTaken = state.withLock { state in
                guard !state.isStopped, state.waiting.count - state.first < most else { return false }
                state.waiting.append(job)
                state.unanswered[ObjectIdentifier(job)] = job
                return true
            }
            if isTaken {
                available.signal()
            } else {
                job.refuse(ServiceError(503, "too many requests wait already; try again"))
            }
        }
    }

    /// Lets the threads end when nothing waits any more.
    package func stop() {
        state.withLock { $0.isStopped = true }
        timer.cancel()
        available.signal()
    }

    private func next() -> Job? {
        available.wait()
        let (job, isStopped) = state.withLock { ($0.next(), $0.isStopped) }
        // The next thread is to end, too, or to take the next one.
        if isStopped { available.signal() }
        return job
    }

    private func forget(_ job: Job) {
        _ = state.withLock { $0.unanswered.removeValue(forKey: ObjectIdentifier(job)) }
    }

    private func giveUpLate() {
        let late = state.withLock { state in
            let late = state.unanswered.values.filter { $0.deadline.hasPassed }
            for job in late { state.unanswered[ObjectIdentifier(job)] = nil }
            return late
        }
        for job in late { job.refuse(job.deadline.error) }
    }
}

/// A request that wants an answer, once.
private final class Job: Sendable {
    let deadline: Deadline
    private let body: @Sendable () -> HTTPResponse
    private let continuation: Mutex<CheckedContinuation<HTTPResponse, any Error>?>

    init(
        deadline: Deadline, _ continuation: CheckedContinuation<HTTPResponse, any Error>,
        _ body: @escaping @Sendable () -> HTTPResponse
    ) {
        self.deadline = deadline
        self.continuation = Mutex(continuation)
        self.body = body
    }

    /// Answers, unless nobody waits any more; `then` comes between the answer and its being told.
    func run(_ then: () -> Void) {
        guard continuation.withLock({ $0 != nil }) else { return then() }
        let response = body()
        then()
        take()?.resume(returning: response)
    }

    func refuse(_ error: ServiceError) {
        take()?.resume(throwing: error)
    }

    private func take() -> CheckedContinuation<HTTPResponse, any Error>? {
        continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
    }
}
