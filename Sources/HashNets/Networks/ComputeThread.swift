import Foundation
import Synchronization

/// A thread that a network computes on, one piece of work after the other, with a stack that suits oneDNN.
package final class ComputeThread: Sendable {
    /// One for training, whose steps should not run on threads with small stacks.
    package static let shared = ComputeThread()

    private let queue: WorkQueue
    nonisolated(unsafe) private let thread: Thread  // only ever compared

    /// Starts a thread, which ends with this object.
    package init() {
        let queue = WorkQueue()
        self.queue = queue
        thread = Thread {
            // The system is told the name of a running thread only.
            Thread.current.name = "hashnets"
            queue.serve()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit {
        queue.finish()
    }

    /// Runs the closure on the thread and waits for its result; runs it at once where the caller is that thread.
    package func run<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        if Thread.current === thread { return try body() }
        var outcome: Swift.Result<Result, Failure>?
        withoutActuallyEscaping(body) { body in
            // The caller waits, so the two threads never touch the outcome at once.
            nonisolated(unsafe) let body = body
            withUnsafeMutablePointer(to: &outcome) { outcome in
                nonisolated(unsafe) let outcome = outcome
                queue.appendAndWait {
                    do throws(Failure) {
                        outcome.pointee = .success(try body())
                    } catch {
                        outcome.pointee = .failure(error)
                    }
                }
            }
        }
        guard let outcome else { preconditionFailure("the thread signals only after it has an outcome") }
        return try outcome.get()
    }
}

extension ComputeThread {
    /// Calls `body(number)` on each of the threads at once; throws the first error after all have finished.
    static func runTogether(_ threads: [ComputeThread], _ body: (Int) throws -> Void) throws {
        let failure = FirstError()
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body  // the callers' closures touch different things
            let running = threads.enumerated().map { number, thread in
                thread.queue.append {
                    do { try body(number) } catch { failure.keep(error) }
                }
            }
            running.forEach { $0.wait() }
        }
        try failure.rethrow()
    }
}

/// The first of several threads' errors.
private final class FirstError: Sendable {
    private let error = Mutex<(any Error)?>(nil)

    func keep(_ error: any Error) {
        self.error.withLock { $0 = $0 ?? error }
    }

    func rethrow() throws {
        if let error = error.withLock({ $0 }) { throw error }
    }
}

/// Closures in the order to run them, each with a caller that waits for it.
private final class WorkQueue: @unchecked Sendable {
    private struct Work {
        let closure: @Sendable () -> Void
        let finished = DispatchSemaphore(value: 0)
    }

    private let condition = NSCondition()
    private var waiting: [Work] = []
    private var isFinished = false

    func appendAndWait(_ closure: @escaping @Sendable () -> Void) {
        let finished = append(closure)
        finished.wait()
    }

    /// Runs closures until `finish`.
    func serve() {
        while let finished = runNext() { finished.signal() }
    }

    func finish() {
        condition.lock()
        isFinished = true
        condition.signal()
        condition.unlock()
    }

    /// Gives what tells when the closure has run. Never inlined, so that nothing here holds the closure by then.
    @inline(never)
    func append(_ closure: @escaping @Sendable () -> Void) -> DispatchSemaphore {
        let work = Work(closure: closure)
        condition.lock()
        waiting.append(work)
        condition.signal()
        condition.unlock()
        return work.finished
    }

    /// Runs one closure and lets go of it before its caller hears of it: the caller's closure must not outlive the call.
    @inline(never)
    private func runNext() -> DispatchSemaphore? {
        condition.lock()
        while waiting.isEmpty, !isFinished { condition.wait() }
        let work = waiting.isEmpty ? nil : waiting.removeFirst()
        condition.unlock()
        guard let work else { return nil }
        work.closure()
        return work.finished
    }
}
