/// For one query: how many items lie at each distance, and how many of them are relevant.
///
/// Only q + 1 distances exist, so a ranking by distance is a row of ties, and these counts are all that the measures
/// need. Every measure is the expectation over random orders within the ties: it depends neither on ids nor on the
/// order of the database (McSherry and Najork, "Computing Information Retrieval Performance Measures Efficiently in
/// the Presence of Tied Scores", ECIR 2008).
package struct DistanceCounts: Hashable, Sendable {
    /// Items at each distance 0 ... q.
    package var items: [Int]
    /// Relevant items at each distance.
    package var relevant: [Int]

    /// No items yet, for codes of `bits` bits.
    package init(bits: Int) {
        items = [Int](repeating: 0, count: bits + 1)
        relevant = items
    }

    /// Average precision over the whole ranking, (1/R)·Σ_k rel(k)·precision(k); 0 where nothing is relevant.
    ///
    /// A tie of n items, m of them relevant, after r items with R₀ relevant adds
    /// Σ_{k=1…n} (m/n)·(R₀ + 1 + (k − 1)(m − 1)/(n − 1))/(r + k).
    package var averagePrecision: Double {
        var seen = 0
        var found = 0
        var sum = 0.0
        for (count, hits) in zip(items, relevant) {
            if hits > 0 {
                let share = Double(hits) / Double(count)
                let slope = count > 1 ? Double(hits - 1) / Double(count - 1) : 0
                for place in 0..<count {
                    sum += share * (Double(found + 1) + Double(place) * slope) / Double(seen + place + 1)
                }
            }
            seen += count
            found += hits
        }
        return found == 0 ? 0 : sum / Double(found)
    }

    /// Share of relevant items within `radius`; 0 where no item lies there, the convention of the papers.
    package func precision(withinRadius radius: Int) -> Double {
        let distances = max(0, min(radius, items.count - 1) + 1)
        let count = items.prefix(distances).reduce(0, +)
        return count == 0 ? 0 : Double(relevant.prefix(distances).reduce(0, +)) / Double(count)
    }

    /// Expected share of relevant items among the first `length`; a tie across that place counts in proportion.
    package func precision(at length: Int) -> Double {
        var left = length
        var found = 0.0
        for (count, hits) in zip(items, relevant) where count > 0 && left > 0 {
            let taken = min(count, left)
            found += Double(hits) * Double(taken) / Double(count)
            left -= taken
        }
        return length == left ? 0 : found / Double(length - left)
    }
}
