import CodeFiles

/// The times that searches took, one query at a time on one thread.
struct QueryTiming {
    private var times: [Duration] = []

    /// Runs `search` and keeps the time it took.
    mutating func measure<R>(_ search: () throws -> R) rethrows -> R {
        let start = ContinuousClock.now
        let result = try search()
        times.append(ContinuousClock.now - start)
        return result
    }

    /// Number of queries and median, 99th percentile (nearest rank) and mean of their times in microseconds.
    var summary: JSONValue {
        let sorted = times.map { $0 / .microseconds(1) }.sorted()
        guard !sorted.isEmpty else {
            return ["queries": .integer(0), "median_us": .null, "p99_us": .null, "mean_us": .null]
        }
        let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        let rank = (99 * sorted.count + 99) / 100
        return [
            "queries": .integer(sorted.count),
            "median_us": .number(Self.rounded(middle)),
            "p99_us": .number(Self.rounded(sorted[rank - 1])),
            "mean_us": .number(Self.rounded(sorted.reduce(0, +) / Double(sorted.count))),
        ]
    }

    /// To a thousandth.
    private static func rounded(_ number: Double) -> Double {
        (number * 1000).rounded() / 1000
    }
}
