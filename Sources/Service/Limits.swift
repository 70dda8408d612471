/// How much one request may ask for, and how long it may take.
package struct Limits: Sendable {
    /// The most bytes of a body.
    package var bodyBytes = 16 << 20
    /// The largest number of neighbours that may be asked for.
    package var neighbours = 1000
    /// The most codes of one request.
    package var queries = 1000
    /// The most items of an answer that is not streamed.
    package var results = 100_000
    /// The most items of an answer that is streamed, and of all such answers, of all clients, that wait to be taken.
    package var streamed = 50_000_000
    /// The time for an answer that is streamed to be taken.
    package var streamTime = Duration.seconds(600)
    /// The time for reading a request, and the time for answering it.
    package var time = Duration.seconds(30)
    /// The most pixels of an image.
    package var pixels = 1 << 27

    /// The usual limits.
    package init() {}

    /// - Parameter advice: what else a client may do than ask for fewer items.
    /// - Throws: `ServiceError` if so many items are more than an answer may have.
    func check(items count: Int, isStreamed: Bool = false, advice: String = "") throws(ServiceError) {
        guard count > (isStreamed ? streamed : results) else { return }
        throw ServiceError(
            422,
            isStreamed
                ? "more than \(streamed) items found; ask for fewer"
                : "more than \(results) items found (--max-results); ask for fewer\(advice)")
    }
}

/// When an answer comes too late.
package struct Deadline: Sendable {
    /// The moment.
    package let instant: ContinuousClock.Instant
    private let time: Duration

    /// A time from now on.
    package init(in time: Duration) {
        instant = .now + time
        self.time = time
    }

    /// How long ago the time began, in seconds.
    var elapsed: Double { (.now - instant + time) / .seconds(1) }

    /// Whether it has passed.
    package var hasPassed: Bool { instant <= .now }

    /// What a client is told then.
    package var error: ServiceError {
        ServiceError(503, "no answer within \(time.components.seconds) s; ask for less, or set --timeout")
    }

    /// - Throws: `ServiceError` if it has passed.
    func check() throws(ServiceError) {
        if hasPassed { throw error }
    }
}
