/// Asks now and then whether the task was cancelled, for loops whose steps are too short to ask at each.
struct CancellationCheck {
    private static let interval = 1 << 8
    private var steps = 0

    /// One step. Looks at the first, and then at every 256th, as a step may be a call of a closure of the caller's.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    mutating func step() throws {
        if steps.isMultiple(of: Self.interval) { try Task.checkCancellation() }
        steps += 1
    }
}
