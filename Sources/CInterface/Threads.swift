import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Calls `body` with the numbers 0..<count, 0 on this thread and the others on threads of their own, and returns when all have finished.
/// Throws the first error. Where the system gives no more threads, those that there are call it; it must not matter which numbers are missing.
///
/// These are not the threads of Swift's tasks: those would not be there in a child that was forked from a program which has used them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let failure = FirstError()
    let threads = withoutSignals {
        (1..<max(1, count)).compactMap { number in start { failure.catching { try body(number) } } }
    }
    failure.catching { try body(0) }
    for thread in threads { pthread_join(thread, nil) }
    try failure.rethrow()
}

/// What went wrong first on one of several threads.
private final class FirstError: Sendable {
    private let error = Mutex<(any Error)?>(nil)

    func catching(_ body: () throws -> Void) {
        do { try body() } catch let thrown { error.withLock { $0 = $0 ?? thrown } }
    }

    func rethrow() throws {
        if let error = error.withLock({ $0 }) { throw error }
    }
}

private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    let work = Unmanaged.passRetained(Work(body))
    #if canImport(Darwin)
        var thread: pthread_t?
        let code = pthread_create(&thread, nil, { run($0) }, work.toOpaque())
    #else
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { run($0) }, work.toOpaque())
    #endif
    guard code == 0 else {
        work.release()
        return nil
    }
    return thread
}

private func run(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
    return nil
}

/// Threads that `body` starts take no signals: those are the program's.
private func withoutSignals<R>(_ body: () -> R) -> R {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return body()
}
