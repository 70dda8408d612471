/// The answer to one query in one order: the nearest item first, equally near ones as their ids have it.
package struct Ranking: Hashable, Sendable {
    /// The distance at each place; never falls.
    package private(set) var distances: [Int] = []
    /// Whether the item at each place is relevant.
    package private(set) var isRelevant: [Bool] = []

    /// No items yet.
    package init() {}

    /// Puts an item at the end.
    package mutating func append(distance: Int, isRelevant: Bool) {
        distances.append(distance)
        self.isRelevant.append(isRelevant)
    }

    /// Makes room for so many items.
    mutating func reserveCapacity(_ count: Int) {
        distances.reserveCapacity(count)
        isRelevant.reserveCapacity(count)
    }

    /// Average precision in this very order, of the first `length` items where one is given, divided by the relevant
    /// ones among them; 0 where none is.
    package func averagePrecision(top length: Int? = nil) -> Double {
        var found = 0
        var sum = 0.0
        for (place, isRelevant) in isRelevant.prefix(max(0, length ?? isRelevant.count)).enumerated() where isRelevant {
            found += 1
            sum += Double(found) / Double(place + 1)
        }
        return found == 0 ? 0 : sum / Double(found)
    }

    /// How many items, and relevant ones, lie at each distance, whatever their order.
    package func counts(bits: Int) -> DistanceCounts {
        var counts = DistanceCounts(bits: bits)
        for (distance, isRelevant) in zip(distances, isRelevant) {
            counts.items[distance] += 1
            if isRelevant { counts.relevant[distance] += 1 }
        }
        return counts
    }
}
