/// Decides, before each step of a search by probing, whether comparing with every code would cost less from there on.
///
/// Costs are in nanoseconds of one core; only their ratios matter. The figures are rounded from the benchmark on AVX2 and AVX-512
/// machines.
struct Planner {
    private let rows: Double
    private let bucketLoad: Double
    private let substringBits: Int
    private let substrings: Int
    private let scanCost: Double
    private let candidateCost: Double
    private static let probeCost = 5.0

    init(_ segment: SegmentDescriptor, _ shape: CodeShape) {
        rows = Double(segment.rows)
        substringBits = segment.substringBits
        substrings = segment.substrings
        bucketLoad = rows / Double(1 << segment.substringBits)
        let perCode = shape.stride <= 8 ? 0.4 : 0.06 * Double(shape.stride)
        scanCost = rows * perCode
        candidateCost = shape.stride <= 8 ? 0.6 : 0.6 + 0.08 * Double(shape.stride)
    }

    /// Whether to give up probing before `step`, when only codes up to `limit` matter and `work` is done.
    func prefersScan(before step: ProbeSequence.Step, limit: Int, work: SearchWork) -> Bool {
        // Skewed codes fill the buckets near a query more than others: believe what was seen if it is more.
        let load = max(bucketLoad, work.probes == 0 ? 0 : Double(work.candidates) / Double(work.probes))
        func cost(_ radius: Int) -> Double {
            Double(binomial(substringBits, radius)) * (Self.probeCost + load * candidateCost)
        }
        var remaining = cost(step.radius)
        // The steps that the limit already calls for, or, while it is out of sight, another whole radius.
        let last = min(limit, step.number + substrings)
        var number = step.number + 1
        while number <= last {
            remaining += cost(number / substrings)
            number += 1
        }
        return remaining > scanCost
    }
}
