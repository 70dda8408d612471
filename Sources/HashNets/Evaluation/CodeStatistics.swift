/// How well a set of codes uses its bits.
///
/// A bit tells most where half of the codes have it and where it does not follow another bit: balance and decorrelation
/// are what spectral hashing asks of codes (Weiss, Torralba, Fergus, NIPS 2008, section 2).
public struct CodeStatistics: Hashable, Sendable {
    /// Codes that were looked at.
    public let count: Int
    /// Different ones among them.
    public let distinct: Int
    /// The share of codes that have each bit.
    public let ones: [Double]
    /// Pearson's correlation of each pair of bits, bits × bits; 0 where a bit never changes.
    public let correlations: [Double]

    /// Bits of a code.
    public var bits: Int { ones.count }

    /// Looks at packed codes of `bits` bits, `codeBytes` bytes each.
    ///
    /// Bytes after the last whole code do not count, nor do bits beyond those of a code, or beyond 1024.
    public init(codes: [UInt8], codeBytes: Int, bits: Int) {
        let bits = max(0, min(bits, 8 * max(0, min(codeBytes, ModelDescription.bitCounts.upperBound / 8))))
        let count = codeBytes < 1 ? 0 : codes.count / codeBytes
        let columns = Self.columns(codes, codeBytes: codeBytes, bits: bits, count: count)
        let totals = columns.map { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
        let number = Double(max(1, count))
        let ones = totals.map { Double($0) / number }
        var correlations = [Double](repeating: 0, count: bits * bits)
        for a in 0..<bits {
            for b in a..<bits {
                let both = zip(columns[a], columns[b]).reduce(0) { $0 + ($1.0 & $1.1).nonzeroBitCount }
                let spread = (ones[a] * (1 - ones[a]) * ones[b] * (1 - ones[b])).squareRoot()
                let correlation = spread > 0 ? (Double(both) / number - ones[a] * ones[b]) / spread : 0
                correlations[a * bits + b] = correlation
                correlations[b * bits + a] = correlation
            }
        }
        self.count = count
        self.ones = ones
        self.correlations = correlations
        distinct = Set((0..<count).map { codes[$0 * codeBytes..<($0 + 1) * codeBytes] }).count
    }

    /// The mean distance of a bit's share from a half, from 0 (all halve the codes) to 0.5 (none ever changes).
    public var meanImbalance: Double { ones.reduce(0) { $0 + abs($1 - 0.5) } / Double(max(1, bits)) }

    /// The mean size of the correlation of two different bits, from 0 to 1.
    public var meanCorrelation: Double {
        guard bits > 1 else { return 0 }
        var sum = 0.0
        for a in 0..<bits { for b in 0..<a { sum += abs(correlations[a * bits + b]) } }
        return sum / Double(bits * (bits - 1) / 2)
    }

    /// For each bit, which codes have it, 64 to a word.
    private static func columns(_ codes: [UInt8], codeBytes: Int, bits: Int, count: Int) -> [[UInt64]] {
        var columns = [[UInt64]](repeating: [UInt64](repeating: 0, count: (count + 63) / 64), count: bits)
        for code in 0..<count {
            for bit in 0..<bits where codes[code * codeBytes + bit / 8] >> UInt8(bit % 8) & 1 == 1 {
                columns[bit][code / 64] |= 1 << UInt64(code % 64)
            }
        }
        return columns
    }
}
