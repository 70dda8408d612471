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
        let half = LumaBlock.side / 2
        // Columns first: `vertical[i]` has the frequency i of each column. Cosines are alike from both ends but for the sign, so that
        // half the products do.
        var vertical = [Int64](repeating: 0, count: Self.side * LumaBlock.side)
        block.samples.withUnsafeBufferPointer { samples in
            vertical.withUnsafeMutableBufferPointer { vertical in
                for i in 0..<Self.side {
                    let sign: Int64 = i % 2 == 0 ? -1 : 1
                    for k in 0..<half {
                        let cosine = CosineTable.cosine(i, k)
                        let (upper, lower) = (k * LumaBlock.side, (LumaBlock.side - 1 - k) * LumaBlock.side)
                        for l in 0..<LumaBlock.side {
                            let pair = Int64(samples[upper + l]) &+ sign &* Int64(samples[lower + l])
                            vertical[i * LumaBlock.side + l] &+= cosine &* pair
                        }
                    }
                }
            }
        }
        coefficients = [Int64](repeating: 0, count: Self.side * Self.side)
        for i in 0..<Self.side {
            for j in 0..<Self.side {
                let sign: Int64 = j % 2 == 0 ? -1 : 1
                var sum: Int128 = 0
                for l in 0..<half {
                    let (left, right) = (i * LumaBlock.side + l, (i + 1) * LumaBlock.side - 1 - l)
                    let pair = vertical[left] &+ sign &* vertical[right]
                    sum &+= Int128(pair) &* Int128(CosineTable.cosine(j, l))
                }
                coefficients[i * Self.side + j] = Self.cut(sum)
            }
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
