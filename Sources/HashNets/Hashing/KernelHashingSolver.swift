import Foundation

/// Supervised hashing with kernels (Liu, Wang, Ji, Jiang, Chang, CVPR 2012): bits that are signs of combinations of kernel
/// features, chosen one after the other so that ‖(1/r)·HHᵀ − S‖² falls.
///
/// With R the part of r·S that earlier bits leave over, a bit h = sgn(K̄a) is to make hᵀRh large. The start is the largest
/// generalised eigenvector of K̄ᵀRK̄ by K̄ᵀK̄; then sgn is smoothed to φ(x) = 2/(1 + e^−x) − 1 and −φᵀRφ descends by Nesterov's
/// steps; the better of the two is kept. R·v = r·Sv − Σ h(hᵀv) needs no matrix of all pairs, as S has few different rows.
package struct KernelHashingSolver {
    /// K̄: samples × kernels, each column of mean zero.
    private let features: DenseMatrix
    private let transposed: DenseMatrix
    private let similarity: SimilarityGroups
    private let bits: Int
    private let gram: CholeskyFactor
    /// K̄ᵀRK̄.
    private var target: DenseMatrix

    /// Signs of the bits so far, −1 and 1, one an item.
    package private(set) var codes: [[Double]] = []
    /// a of each bit so far.
    package private(set) var projections: [[Double]] = []

    private static let mostSteps = 500
    private static let mostDoublings = 50
    private static let tolerance = 1e-2

    /// Features have one row for each item of the similarity, which must not be empty.
    package init(features: DenseMatrix, similarity: SimilarityGroups, bits: Int) {
        precondition(features.rows == similarity.itemCount && features.rows > 0)
        self.features = features
        self.similarity = similarity
        self.bits = bits
        transposed = features.transposed
        gram = CholeskyFactor(features.transposeTimes(features))
        // S·K̄ column by column; a column is a row of the transpose.
        var products = DenseMatrix(rows: features.rows, columns: features.columns)
        for column in 0..<features.columns {
            let values = Array(transposed.values[column * features.rows..<(column + 1) * features.rows])
            for (row, value) in similarity.product(values).enumerated() {
                products[row, column] = value * Double(bits)
            }
        }
        target = features.transposeTimes(products)
    }

    /// Finds the next bit; equal seeds find equal bits.
    package mutating func addBit(seed: UInt64) {
        let start = spectralStart(seed: seed)
        let refined = descend(from: start)
        let signs = [start, refined].map { transposed.combination($0).map { $0 >= 0 ? 1.0 : -1.0 } }
        let gains = signs.map { product($0, residualProduct($0)) }
        let best = gains[1] > gains[0] ? 1 : 0
        projections.append([start, refined][best])
        codes.append(signs[best])
        target.subtractSquare(of: features.combination(signs[best]))
    }

    /// R·v.
    package func residualProduct(_ vector: [Double]) -> [Double] {
        var result = similarity.product(vector).map { $0 * Double(bits) }
        for code in codes {
            let share = product(code, vector)
            for index in result.indices { result[index] -= share * code[index] }
        }
        return result
    }

    /// The best a where bits could be any numbers of the same mean square as signs.
    package func spectralStart(seed: UInt64) -> [Double] {
        let size = features.columns
        let best = LargestEigenvector(size: size, seed: seed) { vector in
            gram.solveLower(target.combination(gram.solveUpper(vector)))
        }
        let length = Double(features.rows).squareRoot()
        return gram.solveUpper(best.vector).map { $0 * length }
    }

    /// −φᵀRφ at a, and where asked for its gradient −K̄ᵀ((Rφ) ⊙ (1 − φ²)).
    package func cost(_ projection: [Double], gradient: UnsafeMutablePointer<[Double]>? = nil) -> Double {
        let smooth = transposed.combination(projection).map { 2 / (1 + exp(-$0)) - 1 }
        let residual = residualProduct(smooth)
        gradient?.pointee = features.combination(zip(residual, smooth).map { -$0 * (1 - $1 * $1) })
        return -product(smooth, residual)
    }

    /// Nesterov's accelerated descent, the step being halved until the cost lies below its quadratic bound.
    private func descend(from start: [Double]) -> [Double] {
        var (previous, current) = (start, start)
        var (weight, nextWeight) = (0.0, 1.0)
        var steepness = 1.0
        var lastCost = cost(start)
        for _ in 0..<Self.mostSteps {
            let momentum = (weight - 1) / nextWeight
            let ahead = zip(current, previous).map { $0 + momentum * ($0 - $1) }
            var gradient: [Double] = []
            let costAhead = cost(ahead, gradient: &gradient)
            let squaredNorm = product(gradient, gradient)
            var found: (point: [Double], cost: Double)?
            for _ in 0...Self.mostDoublings {
                let point = zip(ahead, gradient).map { $0 - $1 / steepness }
                let cost = cost(point)
                if cost <= costAhead - squaredNorm / (2 * steepness) {
                    found = (point, cost)
                    break
                }
                steepness *= 2
            }
            guard let found else { break }
            (previous, current) = (current, found.point)
            (weight, nextWeight) = (nextWeight, (1 + (1 + 4 * nextWeight * nextWeight).squareRoot()) / 2)
            let change = abs(found.cost - lastCost)
            lastCost = found.cost
            if change <= Self.tolerance * Double(features.rows) { break }
        }
        return current
    }
}

extension SimilarityGroups {
    /// S·v.
    package func product(_ vector: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: groupCount)
        var total = 0.0
        for (item, value) in vector.enumerated() {
            sums[groups[item]] += value
            total += value
        }
        let products = similarGroups.map { similar in 2 * similar.reduce(0) { $0 + sums[$1] } - total }
        return groups.map { products[$0] }
    }
}
