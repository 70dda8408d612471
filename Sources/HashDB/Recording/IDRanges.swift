/// Ids as ranges that ascend and do not touch.
///
/// There are never more ranges than `limit`: where there would be, those that are nearest to each other become one, with the ids between
/// them. So it may hold more ids than were put in, and never fewer.
struct IDRanges: Equatable, Sendable {
    private(set) var ranges: [ClosedRange<UInt64>] = []
    private let limit: Int

    /// How many ranges a record of one commit has at most.
    static let limitOfRecord = 1 << 16
    /// How many the changes of many commits are taken for.
    static let limitOfMany = 1 << 20

    init(limit: Int = limitOfRecord) { self.limit = limit }

    /// What is in any of the ranges, which may be in any order.
    init(_ ranges: [ClosedRange<UInt64>], limit: Int) {
        self.init(limit: limit)
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { append(range) }
        coarsen()
    }

    /// - Precondition: The ids ascend.
    init(ascending ids: some Sequence<UInt64>, limit: Int = limitOfRecord) {
        self.init(limit: limit)
        for id in ids { append(id) }
        coarsen()
    }

    /// Adds an id that is not less than any before. `coarsen` is to follow the last.
    mutating func append(_ id: UInt64) {
        append(id...id)
        // So that memory stays bounded on the way.
        if ranges.count >= 2 * limit { coarsen() }
    }

    private mutating func append(_ range: ClosedRange<UInt64>) {
        if let last = ranges.last, range.lowerBound <= last.upperBound || range.lowerBound - 1 == last.upperBound {
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    /// Joins ranges until there are no more than may be.
    mutating func coarsen() {
        guard ranges.count > limit else { return }
        let gaps = zip(ranges, ranges.dropFirst()).map { $1.lowerBound - $0.upperBound }
        // Half of them, so that the next time is not soon.
        let kept = limit / 2
        let least = gaps.sorted(by: >)[kept]
        var equal = kept - gaps.count { $0 > least }
        var joined = [ranges[0]]
        for (gap, range) in zip(gaps, ranges.dropFirst()) {
            if gap > least || gap == least && equal > 0 {
                if gap == least { equal -= 1 }
                joined.append(range)
            } else {
                joined[joined.count - 1] = joined[joined.count - 1].lowerBound...range.upperBound
            }
        }
        ranges = joined
    }
}
