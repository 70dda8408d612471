import Synchronization

/// How far an answer in pieces has come.
final class StreamProgress: Sendable {
    private let next = Atomic<Int>(0)

    /// Where the next piece begins.
    func take(_ count: Int) -> Int { next.add(count, ordering: .relaxed).oldValue }
}
