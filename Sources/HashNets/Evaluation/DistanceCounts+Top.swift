import Foundation

extension DistanceCounts {
    /// Expected average precision of the first `length` items, divided by the relevant ones found among them; 0 where
    /// none is.
    ///
    /// Of a tie of n items, m of them relevant, only t lie before the cut. How many of those are relevant, h, follows the
    /// hypergeometric distribution; given h, each order of the t is as likely, and the tie adds what it would add alone:
    /// (h/t)·Σ_{k=1…t} (R₀ + 1 + (k − 1)(h − 1)/(t − 1))/(r + k).
    package func averagePrecision(top length: Int) -> Double {
        let length = max(0, length)
        var seen = 0
        var found = 0
        var sum = 0.0
        for (count, hits) in zip(items, relevant) where count > 0 {
            let taken = min(count, length - seen)
            let tie = Tie(before: seen, found: found, taken: taken)
            guard taken == count else { return tie.expectedAverage(hits: hits, of: count, sum: sum) }
            sum += tie.addition(hits: hits)
            seen += count
            found += hits
            if seen == length { break }
        }
        return found == 0 ? 0 : sum / Double(found)
    }
}

/// The part of a tie that lies before the cut.
private struct Tie {
    let found: Int
    let taken: Int
    /// Σ 1/(r + k) and Σ (k − 1)/(r + k) over the places k of the part.
    private var reciprocals = 0.0
    private var slopes = 0.0

    init(before seen: Int, found: Int, taken: Int) {
        self.found = found
        self.taken = taken
        for place in 0..<taken {
            reciprocals += 1 / Double(seen + place + 1)
            slopes += Double(place) / Double(seen + place + 1)
        }
    }

    /// What `hits` relevant items, at random places of the part, add to the sum of precisions.
    func addition(hits: Int) -> Double {
        guard hits > 0 else { return 0 }
        let slope = taken > 1 ? Double(hits - 1) / Double(taken - 1) : 0
        return Double(hits) / Double(taken) * (Double(found + 1) * reciprocals + slope * slopes)
    }

    /// The average precision, averaged over how many of the tie's relevant items the cut lets in.
    func expectedAverage(hits: Int, of count: Int, sum: Double) -> Double {
        var average = 0.0
        for inside in max(0, taken - (count - hits))...min(hits, taken) where found + inside > 0 {
            let probability = exp(
                logChoose(hits, inside) + logChoose(count - hits, taken - inside) - logChoose(count, taken))
            average += probability * (sum + addition(hits: inside)) / Double(found + inside)
        }
        return average
    }
}

/// log (n over k).
private func logChoose(_ n: Int, _ k: Int) -> Double {
    logFactorial(n) - logFactorial(k) - logFactorial(n - k)
}

private func logFactorial(_ n: Int) -> Double {
    lgamma(Double(n) + 1)
}
