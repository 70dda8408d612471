/// In which order the tables are joined, and what that costs.
///
/// How many entries of two buckets at a distance of r bits have to be compared is known exactly beforehand: for the masks f of r bits,
/// Σ_v a(v) · b(v ^ f), where a and b count the entries of buckets. These sums for all f are the convolution of a and b over the group of XOR, which
/// the Walsh-Hadamard transform makes a product.
struct BucketJoinPlan {
    /// Element i: the substring that is joined as the i-th at each radius; the cheapest first.
    let order: [Int]
    /// Nanoseconds for all steps.
    let cost: Double

    /// Nanoseconds of comparing two entries, and of turning to another pair of buckets.
    static func cost(ofComparing entryBytes: Int) -> Double { entryBytes == 16 ? 0.15 : 0.075 }
    static let costOfBuckets = 9.0

    /// - Parameters:
    ///   - isOne: Whether pairs within one segment are looked for.
    ///   - sizes: For each substring, the numbers of entries in the buckets of the two sides.
    ///   - lastStep: Steps 0 ... this are needed.
    init(isOne: Bool, substringBits: Int, entryBytes: Int, lastStep: Int, sizes: [(left: [Double], right: [Double])]) {
        let (radius, last) = lastStep.quotientAndRemainder(dividingBy: sizes.count)
        let share = isOne ? 0.5 : 1
        // For each substring and radius: the cost of that step.
        let costs = sizes.map { left, right in
            let comparisons = Self.comparisons(left, right)
            return (0...substringBits).map { radius in
                share
                    * (comparisons[radius] * Self.cost(ofComparing: entryBytes)
                        + Double(binomial(substringBits, radius) << substringBits) * Self.costOfBuckets)
            }
        }
        order = costs.indices.sorted { costs[$0][radius] < costs[$1][radius] }
        cost = order.enumerated().reduce(0) { sum, element in
            let (place, substring) = element
            return sum + costs[substring][...(place <= last ? radius : radius - 1)].reduce(0, +)
        }
    }

    /// Element r: the pairs of entries in buckets whose values differ in r bits.
    static func comparisons(_ left: [Double], _ right: [Double]) -> [Double] {
        var product = left
        transform(&product)
        var other = right
        transform(&other)
        for i in product.indices { product[i] *= other[i] }
        transform(&product)
        var sums = [Double](repeating: 0, count: left.count.trailingZeroBitCount + 1)
        for (mask, value) in product.enumerated() { sums[mask.nonzeroBitCount] += value }
        return sums.map { max(0, $0 / Double(left.count)) }
    }

    /// The Walsh-Hadamard transform, in place.
    private static func transform(_ values: inout [Double]) {
        let count = values.count
        values.withUnsafeMutableBufferPointer { values in
            var half = 1
            while half < count {
                for start in stride(from: 0, to: count, by: 2 * half) {
                    for i in start..<start + half {
                        let (a, b) = (values[i], values[i + half])
                        values[i] = a + b
                        values[i + half] = a - b
                    }
                }
                half *= 2
            }
        }
    }
}
