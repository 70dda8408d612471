import Dispatch
import HashDB
import ImageCodes
import Synchronization

/// Threads for answering requests, and the requests that wait for one.
///
/// Searches keep a core busy and images wait for a disk, which would starve Swift's own pool. There are as many threads as may work at
/// once, and a bounded number of requests waits; more are refused. Whoever waits is told when it takes too long, and the task that is at work on
/// the answer is cancelled: a search ends within a block of rows, an image when it is decoded.
package final class EngineThreads: Sendable {
    private struct State {
        var waiting = 0
        /// All that have not been answered, waiting or at work.
        var unanswered: [ObjectIdentifier: Job] = [:]
    }

    private let threads: WorkThreads
    private let mostWaiting: Int
    private let state = Mutex(State())
    /// Only kept and, once, cancelled; Dispatch's objects may be used by any thread.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// Threads that start as requests come.
    ///
    /// - Parameters:
    ///   - count: how many requests are answered at once.
    ///   - waiting: how many may wait.
    package init(count: Int, waiting: Int) {
        threads = WorkThreads(limit: count, atEnd: ImageDecoder.leaveThread)
        mostWaiting = waiting
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "hashdb deadlines"))
        timer.setEventHandler { [weak self] in self?.giveUpLate() }
        timer.schedule(deadline: .now() + .milliseconds(50), repeating: .milliseconds(50))
        timer.resume()
    }

    deinit {
        timer.cancel()
    }

    /// The answer of `body`, run on one of the threads, in a task that is cancelled when the time is over, unless `breaksOff` is false.
    ///
    /// - Throws: `ServiceError` if too many wait, or it takes too long.
    package func run(
        by deadline: Deadline, breaksOff: Bool = true, _ body: @escaping @Sendable () -> HTTPResponse
    ) async throws -> HTTPResponse {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(deadline: deadline, continuation)
            guard take(job) else { return job.refuse(ServiceError(503, "too many requests wait already; try again")) }
            let task = Task(executorPreference: threads) {
                self.state.withLock { $0.waiting -= 1 }
                guard job.isWanted else { return }
                let response = body()
                self.forget(job)
                job.answer(response)
            }
            if breaksOff { job.follow(task) }
        }
    }

    private func take(_ job: Job) -> Bool {
        state.withLock { state in
            guard state.waiting < mostWaiting else { return false }
            state.waiting += 1
            state.unanswered[ObjectIdentifier(job)] = job
            return true
        }
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
    private struct State {
        var continuation: CheckedContinuation<HTTPResponse, any Error>?
        var task: Task<Void, Never>?
    }

    let deadline: Deadline
    private let state: Mutex<State>

    init(deadline: Deadline, _ continuation: CheckedContinuation<HTTPResponse, any Error>) {
        self.deadline = deadline
        state = Mutex(State(continuation: continuation))
    }

    /// Whether somebody still waits for the answer.
    var isWanted: Bool { state.withLock { $0.continuation != nil } }

    /// Tells what is at work on the answer: it is cancelled with the first refusal, which may have come already.
    func follow(_ task: Task<Void, Never>) {
        let isWanted = state.withLock { state in
            state.task = task
            return state.continuation != nil
        }
        if !isWanted { task.cancel() }
    }

    func answer(_ response: HTTPResponse) {
        take().continuation?.resume(returning: response)
    }

    func refuse(_ error: ServiceError) {
        let (continuation, task) = take()
        task?.cancel()
        continuation?.resume(throwing: error)
    }

    private func take() -> (continuation: CheckedContinuation<HTTPResponse, any Error>?, task: Task<Void, Never>?) {
        state.withLock { state in
            defer { state.continuation = nil }
            return (state.continuation, state.task)
        }
    }
}
