#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What searching a segment costs, in nanoseconds of one core of which only the ratios matter. Made once for a segment.
///
/// The figures come from benchmarks: a probe misses the cache when the buckets do not fit in it, and prefetching hides most of that.
struct SearchCosts: Sendable {
    let scan: Double
    let probe: Double
    let candidate: Double
    let bucketLoad: Double
    /// Element s: what the steps before s cost together.
    private let before: [Double]

    init(_ segment: SegmentDescriptor, _ shape: CodeShape) {
        let codeBytes = Double(segment.rows * shape.stride)
        scan = codeBytes * (codeBytes > 3e7 ? 0.045 : 0.03)
        let indexBytes = Double(segment.substrings * segment.rows * (shape.stride + 4))
        probe = indexBytes > 2e7 ? 25 : indexBytes > 2e6 ? 12 : 6
        candidate = 0.3 + 0.05 * Double(shape.stride)
        bucketLoad = Double(segment.rows) / Double(1 << segment.substringBits)
        let perProbe = probe + candidate * bucketLoad
        var sums = [0.0]
        for radius in 0...segment.substringBits {
            for _ in 0..<segment.substrings {
                sums.append(sums[sums.count - 1] + Double(binomial(segment.substringBits, radius)) * perProbe)
            }
        }
        before = sums
    }

    /// The cost of the steps from `first` on that meet every code up to a distance.
    func steps(from first: Int, reaching distance: Int) -> Double {
        let end = before.count - 1
        return before[max(0, min(distance + 1, end))] - before[min(first, end)]
    }
}

/// Decides, before each step of a search by probing, whether comparing with every code costs less from there on.
///
/// How far a search will have to reach is known for a range. For the k nearest it is at most the k-th distance so far; before that, it is
/// expected where uniform codes would have it, for whatever structure codes have brings neighbours nearer. Since the nearest may be
/// much nearer than either, a tenth of the scan's cost may be spent on probing in any case.
struct Planner {
    private let costs: SearchCosts
    private let expectedReach: Int

    /// - Parameter count: The number of neighbours wanted; 0 for a range.
    init(_ costs: SearchCosts, rows: Int, bitWidth: Int, count: Int) {
        self.costs = costs
        expectedReach = count == 0 ? .max : Self.uniformReach(count, of: rows, bitWidth)
    }

    /// Whether to give up probing before `step`, when only codes up to `limit` matter and `work` is done.
    func prefersScan(before step: ProbeSequence.Step, limit: Int, work: SearchWork) -> Bool {
        // Skewed codes fill the buckets near a query more than others: believe what was seen if it is more.
        let seen = work.probes == 0 ? 0 : Double(work.candidates) / Double(work.probes)
        let excess = max(1, (costs.probe + costs.candidate * seen) / (costs.probe + costs.candidate * costs.bucketLoad))
        let spent = Double(work.probes) * costs.probe + Double(work.candidates) * costs.candidate
        let next = costs.steps(from: step.number, reaching: step.number) * excess
        guard spent + next > 0.1 * costs.scan else { return false }
        let reach = step.number <= expectedReach ? min(limit, expectedReach) : limit
        return costs.steps(from: step.number, reaching: reach) * excess > costs.scan
    }

    /// The distance within which a query has `count` of `rows` uniform codes: the normal approximation of the binomial tail, with
    /// the quantile by Abramowitz and Stegun, 26.2.23.
    private static func uniformReach(_ count: Int, of rows: Int, _ bitWidth: Int) -> Int {
        let share = min(0.5, Double(count) / Double(rows))
        let t = (-2 * log(share)).squareRoot()
        let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
        let mean = Double(bitWidth) / 2
        return max(0, Int((mean - z * mean.squareRoot() * 0.5.squareRoot()).rounded(.up)))
    }
}
