import HashDB

// The calls of `Ingest` under their names for tasks. Where Swift can choose, it takes these within an `async` function.
extension Ingest {
    /// Brings the store up to date with directories of images; see the call that is not `async`.
    ///
    /// It runs on threads of its own, of which one calls `observe`, and blocks none that tasks share. When the task is cancelled, what was encoded is
    /// committed, and the summary says so (`wasCancelled`).
    /// - Throws: as the call that is not `async`.
    public func run(
        _ directories: [ImagePath], observe: @escaping @Sendable (IngestEvent) -> Void = { _ in }
    ) async throws -> IngestSummary {
        try await runEach(directories, observe: observe).first ?? IngestSummary()
    }

    /// The same; tells what was done in each of the collections, in their order.
    ///
    /// - Throws: as `run`.
    public func runEach(
        _ directories: [ImagePath], observe: @escaping @Sendable (IngestEvent) -> Void = { _ in }
    ) async throws -> [IngestSummary] {
        let cancellation = IngestCancellation()
        return try await WorkThreads.runApart(cancel: cancellation.cancel) {
            try running(directories, cancellation, observe)
        }
    }
}
