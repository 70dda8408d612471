/// The 16 × 16 lowest frequencies of a block in both directions, without the constant ones: a discrete cosine transform of type II.
///
/// Coefficient (i, j) is the sum over rows k and columns l of sample (k, l) · cos(π (i + 1)(2 k + 1) / 128) · cos(π (j + 1)(2 l + 1) / 128).
/// Cosines are integers, sums exact, and the result is cut towards zero to 64 bits; so the transform of a transposed block is the
/// transposed transform, and mirroring changes signs alone.
package struct FrequencyBlock: Equatable {
    package static let side = 16

    /// Row by row; the row is the vertical frequency less 1.
    package private(set) var coefficients: [Int64]

    package init(_ block: LumaBlock) {
        let columns = Self.ofColumns(block)
        coefficients = (0..<Self.side).flatMap { Self.ofRow(columns[$0 * LumaBlock.side..<($0 + 1) * LumaBlock.side]) }
    }

    // Cosines are alike from both ends but for the sign, so that half the products do: of the differences of samples that mirror each other,
    // for frequencies of even index, and of their sums for others.

    /// The 16 frequencies of each column: 64 of one index after another.
    ///
    /// Doubles, of which processors multiply several at a time, hold every sum exactly: absolute cosines of half a column add up to less
    /// than 20.4, differences are at most 255 · 64,000, and sums twice that, but with cosines of one sign, which add up to
    /// half as much; so a sum is a whole number below 255 · 64,000 · 20.4 · 2²⁴ < 2⁵³.
    private static func ofColumns(_ block: LumaBlock) -> [Int64] {
        let (length, half) = (LumaBlock.side, LumaBlock.side / 2)
        var pairs = [Double](repeating: 0, count: length * length)
        var sums = [Double](repeating: 0, count: side * length)
        pairs.withUnsafeMutableBufferPointer { pairs in
            for k in 0..<half {
                for l in 0..<length {
                    let (upper, lower) = (block.samples[k * length + l], block.samples[(length - 1 - k) * length + l])
                    pairs[k * length + l] = Double(upper &- lower)
                    pairs[(half + k) * length + l] = Double(upper &+ lower)
                }
            }
            sums.withUnsafeMutableBufferPointer { sums in
                for i in 0..<side {
                    for k in 0..<half {
                        let cosine = Double(CosineTable.cosine(i, k))
                        let row = (i % 2 * half + k) * length
                        for l in 0..<length { sums[i * length + l] += cosine * pairs[row + l] }
                    }
                }
            }
        }
        return sums.map { Int64($0) }
    }

    /// The 16 frequencies of 64 numbers of 54 bits.
    private static func ofRow(_ numbers: ArraySlice<Int64>) -> [Int64] {
        let (length, half) = (LumaBlock.side, LumaBlock.side / 2)
        // Too long for a product with a cosine; so in two parts, whose products and their sums fit 64 bits.
        var high = [Int64](repeating: 0, count: length)
        var low = high
        for l in 0..<half {
            let (left, right) = (numbers[numbers.startIndex + l], numbers[numbers.endIndex - 1 - l])
            (high[l], low[l]) = (left &- right).parts
            (high[half + l], low[half + l]) = (left &+ right).parts
        }
        return (0..<side).map { j in
            var (highSum, lowSum) = (Int64(0), Int64(0))
            for l in 0..<half {
                let cosine = CosineTable.cosine(j, l)
                highSum &+= cosine &* high[j % 2 * half + l]
                lowSum &+= cosine &* low[j % 2 * half + l]
            }
            return cut(Int128(highSum) << Int64.lowBits &+ Int128(lowSum))
        }
    }

    /// Samples have 24 bits, cosines 24 and a sign, and 64 · 64 terms less than 11 bits: at most 84 bits.
    private static func cut(_ sum: Int128) -> Int64 {
        let magnitude = Int64(truncatingIfNeeded: sum.magnitude >> 24)
        return sum < 0 ? -magnitude : magnitude
    }

    /// The frequencies of the image turned: a cosine of odd frequency changes its sign when the axis is reversed.
    package func turned(_ variant: ImageVariant) -> FrequencyBlock {
        var turned = self
        for row in 0..<Self.side {
            for column in 0..<Self.side {
                let (i, j) = variant.swapsAxes ? (column, row) : (row, column)
                // The frequency is one more than the index.
                let changes = (variant.reversesRows && i % 2 == 0) != (variant.reversesColumns && j % 2 == 0)
                let coefficient = coefficients[i * Self.side + j]
                turned.coefficients[row * Self.side + column] = changes ? -coefficient : coefficient
            }
        }
        return turned
    }

    // MARK: Bits

    /// PDQ: a bit is 1 where a coefficient is above the lower median of all 256. Bit 16 i + j of PDQ is coefficient (i, j); its
    /// text is written from bit 255 down, so that the last coefficients are in the first byte here.
    package var pdqBytes: [UInt8] {
        let median = Self.lowerMedian(coefficients)
        return (0..<32).reversed().map { byte in
            (0..<8).reduce(UInt8(0)) { bits, bit in
                coefficients[8 * byte + bit] > median ? bits | 1 << UInt8(bit) : bits
            }
        }
    }

    /// pHash: the 8 × 8 lowest coefficients against their own lower median; a byte a row, its highest bit the first column.
    package var phashBytes: [UInt8] {
        let lowest = (0..<8).flatMap { row in coefficients[row * Self.side..<row * Self.side + 8] }
        let median = Self.lowerMedian(lowest)
        return (0..<8).map { row in
            (0..<8).reduce(UInt8(0)) { $0 << 1 | (lowest[8 * row + $1] > median ? 1 : 0) }
        }
    }

    private static func lowerMedian(_ numbers: [Int64]) -> Int64 {
        numbers.sorted()[numbers.count / 2 - 1]
    }
}

extension Int64 {
    fileprivate static let lowBits = 26

    /// The number is the first part times 2²⁶, and the second part, which is not negative.
    fileprivate var parts: (high: Int64, low: Int64) {
        (self >> Self.lowBits, self & (1 << Self.lowBits - 1))
    }
}
