import Foundation

/// The thread that networks compute on.
///
/// oneDNN's OpenMP keeps a pool of workers for every thread that ever called it; many callers would leave many pools
/// that compete for the same cores. So all callers' work goes to one thread, one piece after the other.
package final class ComputeThread: Sendable {
    /// The process's only one.
    package static let shared = ComputeThread()

    private let queue: WorkQueue
    nonisolated(unsafe) private let thread: Thread  // only ever compared

    private init() {
        let queue = WorkQueue()
        self.queue = queue
        thread = Thread { queue.serve() }
        thread.name = "hashnets"
        thread.stackSize = 8 << 20
        thread.start()
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

/// Closures in the order to run them, each with a caller that waits for it.
private final class WorkQueue: @unchecked Sendable {
    private struct Work {
        let closure: @Sendable () -> Void
        let finished = DispatchSemaphore(value: 0)
    }

    private let condition = NSCondition()
    private var waiting: [Work] = []

    func appendAndWait(_ closure: @escaping @Sendable () -> Void) {
        let finished = append(closure)
        finished.wait()
    }

    func serve() -> Never {
        while true { runNext().signal() }
    }

    /// A function of its own, so that nothing here holds the closure while its caller waits.
    @inline(never)
    private func append(_ closure: @escaping @Sendable () -> Void) -> DispatchSemaphore {
        let work = Work(closure: closure)
        condition.lock()
        waiting.append(work)
        condition.signal()
        condition.unlock()
        return work.finished
    }

    /// Runs one closure and lets go of it before its caller hears of it: the caller's closure must not outlive the call.
    @inline(never)
    private func runNext() -> DispatchSemaphore {
        condition.lock()
        while waiting.isEmpty { condition.wait() }
        let work = waiting.removeFirst()
        condition.unlock()
        work.closure()
        return work.finished
    }
}
