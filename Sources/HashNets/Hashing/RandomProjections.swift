/// Random directions for locality-sensitive hashing: bit i of x is [w_i·(x − mean) > 0].
///
/// With batch 1 all directions are independent (sign random projections: Charikar, "Similarity Estimation Techniques
/// from Rounding Algorithms", STOC 2002). With larger batches the directions of a batch are orthogonal to one another:
/// super-bit LSH (Ji et al., "Super-Bit Locality-Sensitive Hashing", NIPS 2012) and batch-orthogonal LSH (Ji et al.,
/// TPAMI 2014). Each direction stays uniform, so two bits of vectors at an angle θ differ with probability θ/π for
/// any batch, and the share of differing bits is an unbiased estimate of θ/π; its variance falls as the batch grows.
/// The gain is small where the batch is much smaller than the dimension.
public struct RandomProjections: Hashable, Sendable {
    /// d, the length of the vectors.
    public let dimension: Int
    /// q, the number of directions.
    public let bits: Int
    /// N, how many directions in a row are orthogonal; 1 … d. The last batch may be smaller.
    public let batch: Int
    /// What the directions were drawn from.
    public let seed: UInt64
    /// Directions in row-major order, q × d, each of length 1.
    public let directions: [Double]

    /// More numbers of 32 bits than this no weight file holds.
    private static let mostNumbers = WeightFile.largestFile / 4

    /// Draws directions; equal seeds give equal directions. The batch is min(d, q) where none is given, the best one.
    ///
    /// - Throws: `LearningError.settingInvalid`.
    public init(dimension: Int, bits: Int, batch: Int? = nil, seed: UInt64) throws {
        try ModelDescription.check(bits: bits)
        let largest = Self.mostNumbers / bits
        try LearningError.require(
            (1...largest).contains(dimension), "dimension", "is \(dimension), must be 1 to \(largest)")
        let batch = batch ?? min(dimension, bits)
        try LearningError.require(
            (1...dimension).contains(batch), "batch", "is \(batch), must be from 1 to \(dimension)")
        var generator = SeededGenerator(seed: seed)
        var directions = (0..<bits * dimension).map { _ in generator.nextNormal() }
        for start in stride(from: 0, to: bits, by: batch) {
            Self.orthonormalize(
                rows: start..<min(start + batch, bits), dimension: dimension, in: &directions)
        }
        self.dimension = dimension
        self.bits = bits
        self.batch = batch
        self.seed = seed
        self.directions = directions
    }

    /// The q bits of a vector of d numbers from which the mean was taken.
    package func bits(of vector: [Double]) -> [Bool] {
        (0..<bits).map { bit in
            var product = 0.0
            for index in 0..<dimension { product += directions[bit * dimension + index] * vector[index] }
            return product > 0
        }
    }

    /// Gram-Schmidt, each row twice, which leaves them orthogonal to rounding (Giraud, Langou, Rozložník, 2005).
    private static func orthonormalize(rows: Range<Int>, dimension: Int, in matrix: inout [Double]) {
        matrix.withUnsafeMutableBufferPointer { matrix in
            func product(_ first: Int, _ second: Int) -> Double {
                var sum = 0.0
                for index in 0..<dimension {
                    sum += matrix[first * dimension + index] * matrix[second * dimension + index]
                }
                return sum
            }
            for row in rows {
                for _ in 0..<2 {
                    for earlier in rows.lowerBound..<row {
                        let share = product(row, earlier)
                        for index in 0..<dimension {
                            matrix[row * dimension + index] -= share * matrix[earlier * dimension + index]
                        }
                    }
                }
                let norm = product(row, row).squareRoot()
                for index in 0..<dimension { matrix[row * dimension + index] /= norm }
            }
        }
    }
}
