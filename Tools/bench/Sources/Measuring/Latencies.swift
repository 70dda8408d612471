import Foundation

/// How long something took, ever so many times, in memory that does not grow: counts of times that are alike to one in 45.
struct Latencies: Codable {
    private static let stepsPerDoubling = 32.0
    private var counts = [Int](repeating: 0, count: 32 * 40)
    private(set) var count = 0
    private(set) var longest = 0.0

    /// Runs `body` and counts the time it took.
    mutating func measure<R>(_ body: () throws -> R) rethrows -> R {
        let start = ContinuousClock.now
        let result = try body()
        add((ContinuousClock.now - start) / .nanoseconds(1))
        return result
    }

    private mutating func add(_ nanoseconds: Double) {
        let step = Int(log2(max(nanoseconds, 1)) * Self.stepsPerDoubling)
        counts[min(step, counts.count - 1)] += 1
        count += 1
        longest = max(longest, nanoseconds)
    }

    mutating func add(_ other: Latencies) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        longest = max(longest, other.longest)
    }

    /// In milliseconds, the time that this share of all took at most (nearest rank).
    func quantile(_ share: Double) -> Double {
        let rank = max(1, Int((share * Double(count)).rounded(.up)))
        var sum = 0
        for (step, number) in counts.enumerated() {
            sum += number
            if sum >= rank { return min(exp2(Double(step + 1) / Self.stepsPerDoubling), longest) / 1e6 }
        }
        return longest / 1e6
    }

    /// Cells of a table: how many, then milliseconds.
    var cells: [String] {
        guard count > 0 else { return ["0", "–", "–", "–", "–"] }
        return [Format.count(Double(count))] + [0.5, 0.99, 0.999].map { Format.number(quantile($0)) }
            + [Format.number(longest / 1e6)]
    }
}
