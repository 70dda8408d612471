/// How long something took, again and again, in microseconds.
struct Times {
    private(set) var microseconds: [Double] = []

    var count: Int { microseconds.count }
    var total: Double { microseconds.reduce(0, +) }

    /// Runs `body` and keeps the time it took.
    mutating func measure<R>(_ body: () throws -> R) rethrows -> R {
        let start = ContinuousClock.now
        let result = try body()
        microseconds.append((ContinuousClock.now - start) / .microseconds(1))
        return result
    }

    mutating func append(_ time: Double) { microseconds.append(time) }

    /// Median and 99th percentile (nearest rank); nil if nothing was measured.
    var summary: Summary? {
        let sorted = microseconds.sorted()
        guard !sorted.isEmpty else { return nil }
        return Summary(
            median: (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2,
            percentile99: sorted[(99 * sorted.count + 99) / 100 - 1], count: sorted.count)
    }

    struct Summary: Codable {
        let median: Double
        let percentile99: Double
        let count: Int
    }
}
