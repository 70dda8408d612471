/// What searching a segment costs, in nanoseconds of one core of which only the ratios matter. Made once for a segment.
///
/// The figures come from benchmarks on a processor with AVX-512: what a byte costs depends on where the data fits, and a probe misses the
/// cache when the buckets do not fit in it, which prefetching hides in part.
struct SearchCosts: Sendable {
    /// Comparing with one code after the other.
    let scannedCode: Double
    /// The same while many queries look at the code in turns, before it leaves the cache.
    let sharedCode: Double
    /// Finding a bucket.
    let probe: Double
    /// What an entry makes of it that is not empty.
    let filled = 5.0
    /// Comparing with an entry of a bucket.
    let candidate: Double
    /// Looking at an entry again that is within the limit.
    let near = 7.0
    /// Looking up the rows of a code, or the code of a row.
    let lookup: Double
    /// Entries of a usual bucket, and the cache lines to fetch ahead for them.
    let bucketLoad: Double
    let bucketLines: UInt32
    /// Element s: the buckets that the steps before s probe together.
    private let probesBefore: [Double]

    init(_ segment: SegmentDescriptor, _ shape: CodeShape) {
        scannedCode = Double(shape.stride) * Self.byteCost(of: Double(segment.rows * shape.stride))
        sharedCode = min(scannedCode, Double(shape.stride) * 0.01)
        guard segment.substrings > 0 else {
            (probe, candidate, lookup, bucketLoad, bucketLines, probesBefore) = (0, 0, 0, 0, 0, [0])
            return
        }
        let entryBytes = Double(segment.entryBytes(shape))
        let entries = Double(segment.distinct == 0 ? segment.rows : segment.distinct)
        let indexBytes = Double(segment.substrings) * (entries * entryBytes + 4 * Double(1 << segment.substringBits))
        bucketLoad = entries / Double(1 << segment.substringBits)
        probe = indexBytes > 3e7 ? 24 : indexBytes > 1e7 ? 13 : indexBytes > 1.5e6 ? 6 : 8
        candidate = max(0.09, entryBytes * (indexBytes > 3e7 ? 0.12 : indexBytes > 1.5e6 ? 0.03 : 0.015))
        lookup = entryBytes == 0 ? 10 : indexBytes > 3e7 ? 120 : indexBytes > 1.5e6 ? 60 : 40
        bucketLines = UInt32(min((bucketLoad * entryBytes / 64).rounded(.up) + 1, 12))
        var sums = [0.0]
        for radius in 0...segment.substringBits {
            let probes = Double(binomial(segment.substringBits, radius))
            for _ in 0..<segment.substrings { sums.append(sums[sums.count - 1] + probes) }
        }
        probesBefore = sums
    }

    /// Reading in one run, by the size of the whole.
    private static func byteCost(of bytes: Double) -> Double { bytes > 3e7 ? 0.037 : bytes > 1.5e6 ? 0.012 : 0.0135 }

    /// Looking into a bucket of which usual ones hold so many entries.
    func bucket(load: Double) -> Double { probe + filled * min(1, load) + candidate * load }

    /// What was done so far.
    func spent(_ work: SearchWork) -> Double { probing(work) + Double(work.near) * near }

    /// The same without what tightening the limit took, which does not go on.
    func probing(_ work: SearchWork) -> Double {
        guard work.probes > 0 else { return 0 }
        let load = Double(work.candidates) / Double(work.probes)
        return Double(work.probes) * bucket(load: load) + Double(work.lookups) * lookup
    }

    /// The buckets that the steps from `first` on probe to meet every code up to a distance.
    func probes(from first: Int, reaching distance: Int) -> Double {
        let end = probesBefore.count - 1
        return probesBefore[max(0, min(distance + 1, end))] - probesBefore[min(first, end)]
    }
}
