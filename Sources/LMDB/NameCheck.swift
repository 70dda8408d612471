import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// When a reader looks whether its file still has its name, which takes two system calls: at each commit that it has not seen before, and every
/// tenth of a second.
///
/// A file that has lost its name gets no commits; but the lock file belongs to the name, and so a reader of the old file is told the numbers of
/// the commits of the new one.
final class NameCheck: Sendable {
    private static let interval = 100

    private let lastNumber = Atomic(-1)
    private let lastLook = Atomic(0)

    /// Whether a reader that sees the commit of this number should look.
    func isDue(_ number: Int) -> Bool {
        let now = Self.milliseconds
        if lastNumber.load(ordering: .relaxed) == number, now - lastLook.load(ordering: .relaxed) < Self.interval {
            return false
        }
        lastLook.store(now, ordering: .relaxed)
        lastNumber.store(number, ordering: .relaxed)
        return true
    }

    /// The next reader looks.
    func expire() { lastNumber.store(-1, ordering: .relaxed) }

    /// By a clock that is coarse, and asked without a system call.
    private static var milliseconds: Int {
        #if os(Linux)
            let clock = CLOCK_MONOTONIC_COARSE
        #else
            let clock = CLOCK_MONOTONIC_RAW_APPROX
        #endif
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
