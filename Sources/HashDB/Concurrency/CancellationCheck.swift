/// Asks now and then whether the task was cancelled, for loops whose steps are too short to ask at each.
struct CancellationCheck {
    private static let interval = 1 << 14
    private var steps = 0

    /// One step. Looks at the first, and then at every 16,384th.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    mutating func step() throws {
        if steps.isMultiple(of: Self.interval) { try Task.checkCancellation() }
        steps += 1
    }
}
