#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The number of processor cores.
package let coreCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

/// Threads of our own for what takes long or waits, so that the few threads on which all tasks of a program run stay free.
///
/// A part of a task that runs here is a part of the task still: it sees whether the task was cancelled. Threads are started as work
/// comes, up to a limit, and end when none has come for a second.
package final class WorkThreads: TaskExecutor, @unchecked Sendable {
    /// For the library's own searches: as many as there are processor cores, for all stores.
    static let searching = WorkThreads(limit: coreCount)
    /// For reading in closures of the caller's, which may go on for hours, or wait: so many that a few of these keep nobody waiting.
    static let reading = WorkThreads(limit: max(64, 4 * coreCount))
    /// For what works on whole files, so that no search waits for it. More than the cores, as it waits for devices and for writers.
    static let files = WorkThreads(limit: 4 * coreCount)

    private let limit: Int
    /// For those that `run` is called by: no more than there may be threads.
    private let line: WaitingLine
    private let atEnd: @Sendable () -> Void
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // All below is used by who holds the mutex.
    private var jobs: [UnownedJob] = []
    private var firstJob = 0
    private var threads = 0
    private var idleThreads = 0

    /// - Parameters:
    ///   - limit: The most threads.
    ///   - atEnd: Called by each thread before it ends.
    package init(limit: Int, atEnd: @escaping @Sendable () -> Void = {}) {
        self.limit = limit
        line = WaitingLine(places: limit)
        self.atEnd = atEnd
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` on one of the threads, as soon as one is free.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled before that; the deadline's error where it passes before; what `body`
    ///   throws.
    func run<R: Sendable>(
        by deadline: WaitingLine.Deadline? = nil, _ body: @Sendable () throws -> R
    ) async throws -> R {
        try await line.enter(by: deadline)
        return try await withTaskExecutorPreference(self, isolation: nil) {
            // Here, and not when the task is elsewhere again: the next one need not wait for that.
            defer { line.leave() }
            try Task.checkCancellation()
            return try body()
        }
    }

    /// Runs `body` on a thread of its own, and not as a part of the task: who cancels the task only has `cancel` called, and gets what
    /// `body` makes of that.
    package static func runApart<R: Sendable>(
        cancel: @escaping @Sendable () -> Void, _ body: @escaping @Sendable () throws -> R
    ) async throws -> R {
        let work = Task(executorPreference: WorkThreads(limit: 1)) { try body() }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            cancel()
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pthread_mutex_lock(mutex)
        jobs.append(job)
        let needsThread = idleThreads < jobs.count - firstJob && threads < limit
        if needsThread { threads += 1 }
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
        if needsThread, !startThread() { work(waits: false) }
    }

    /// Returns false where the system gives no thread.
    private func startThread() -> Bool {
        let this = Unmanaged.passRetained(self)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        // Systems differ in what they give, some far too little for whoever decodes images.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        guard pthread_create(&thread, &attributes, { runThread($0) }, this.toOpaque()) == 0 else {
            this.release()
            return false
        }
        return true
    }

    /// Does what there is to do, and what comes within a second after it if it `waits`.
    private func work(waits: Bool) {
        pthread_mutex_lock(mutex)
        while let job = takeJob(waits: waits) {
            pthread_mutex_unlock(mutex)
            job.runSynchronously(on: asUnownedTaskExecutor())
            pthread_mutex_lock(mutex)
        }
        threads -= 1
        pthread_mutex_unlock(mutex)
    }

    fileprivate func workToTheEnd() {
        work(waits: true)
        atEnd()
    }

    private func takeJob(waits: Bool) -> UnownedJob? {
        var deadline: timespec?
        while firstJob == jobs.count {
            guard waits else { return nil }
            var end = deadline ?? Self.afterOneSecond()
            deadline = end
            idleThreads += 1
            let code = pthread_cond_timedwait(condition, mutex, &end)
            idleThreads -= 1
            if code != 0, firstJob == jobs.count { return nil }
        }
        let job = jobs[firstJob]
        firstJob += 1
        if firstJob == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            firstJob = 0
        } else if firstJob >= 1024, 2 * firstJob >= jobs.count {
            // Where some job always waits, those that were taken must not pile up.
            jobs.removeFirst(firstJob)
            firstJob = 0
        }
        return job
    }

    private static func afterOneSecond() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        time.tv_sec += 1
        return time
    }
}

private func runThread(_ threads: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let threads { Unmanaged<WorkThreads>.fromOpaque(threads).takeRetainedValue().workToTheEnd() }
    return nil
}
