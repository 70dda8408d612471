#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Decides, before each step of a search by probing, whether comparing with every code costs less from there on.
///
/// How far a search will have to reach is known for a range. For the k nearest it is at most the k-th distance so far; before that, it is
/// expected where uniform codes would have it, for whatever structure codes have brings neighbours nearer. Since the nearest may be
/// much nearer than either, a small share of the scan's cost may be spent on probing in any case.
struct Planner {
    private let costs: SearchCosts
    private let scan: Double
    private let allowance: Double
    private let rows: Int
    private let bitWidth: Int
    private let count: Int

    /// - Parameters:
    ///   - scan: What a scan would cost.
    ///   - rows: The codes to look among.
    ///   - count: The number of neighbours wanted; 0 for a range.
    init(_ costs: SearchCosts, scan: Double, rows: Int, bitWidth: Int, count: Int) {
        self.costs = costs
        self.scan = scan
        allowance = (scan < 1e4 ? 0.05 : scan < 5e5 ? 0.1 : 0.03) * scan
        self.rows = rows
        self.bitWidth = bitWidth
        self.count = count
    }

    /// How far k-NN would have to look among uniform codes; `Int.max` for a range. Most searches end before anybody asks.
    var expectedReach: Int { count == 0 ? .max : Self.uniformReach(count, of: rows, bitWidth) }

    /// Whether to give up probing before `step`, when only codes up to `limit` matter and `work` is done.
    ///
    /// - Parameter load: The entries in an average one of the query's own buckets.
    func prefersScan(before step: ProbeSequence.Step, limit: Int, load: Double, work: SearchWork) -> Bool {
        let spent = costs.spent(work)
        // Buckets near a query may be fuller than others, or emptier: believe what was seen once it is enough.
        let expected = max(costs.bucket(load: costs.bucketLoad), costs.bucket(load: load))
        let seen = costs.probing(work) / Double(max(1, work.probes))
        let perProbe = work.probes < 32 ? max(expected, seen) : seen
        let next = costs.probes(from: step.number, reaching: step.number) * perProbe
        guard spent + next > allowance else { return false }
        let expectedReach = expectedReach
        let reach = step.number <= expectedReach ? min(limit, expectedReach) : limit
        return costs.probes(from: step.number, reaching: reach) * perProbe > scan
    }

    /// What probing costs that meets every code up to a distance, where buckets are as full as they usually are.
    func cost(reaching distance: Int) -> Double {
        costs.probes(from: 0, reaching: distance) * costs.bucket(load: costs.bucketLoad)
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
