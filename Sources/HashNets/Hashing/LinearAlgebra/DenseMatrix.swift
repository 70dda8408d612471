/// A matrix in row-major order, with the few operations that hashing with kernels needs.
///
/// Products run along whole rows, which the compiler turns into vector instructions; sums of products would keep their
/// order and stay scalar.
package struct DenseMatrix: Hashable, Sendable {
    package let rows: Int
    package let columns: Int
    package var values: [Double]

    /// A matrix of zeros, or of the given values.
    package init(rows: Int, columns: Int, values: [Double]? = nil) {
        precondition(values.map { $0.count == rows * columns } ?? true)
        self.rows = rows
        self.columns = columns
        self.values = values ?? [Double](repeating: 0, count: rows * columns)
    }

    package subscript(row: Int, column: Int) -> Double {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// Columns as rows.
    package var transposed: DenseMatrix {
        var result = DenseMatrix(rows: columns, columns: rows)
        for row in 0..<rows {
            for column in 0..<columns { result[column, row] = self[row, column] }
        }
        return result
    }

    /// The vector times this matrix, vᵀA: the sum of the rows, each times its part of the vector.
    package func combination(_ weights: [Double]) -> [Double] {
        precondition(weights.count == rows)
        var sum = [Double](repeating: 0, count: columns)
        for row in 0..<rows where weights[row] != 0 { add(row: row, times: weights[row], to: &sum) }
        return sum
    }

    private func add(row: Int, times weight: Double, to sum: inout [Double]) {
        values.withUnsafeBufferPointer { values in
            sum.withUnsafeMutableBufferPointer { sum in
                let start = row &* columns
                for column in 0..<columns { sum[column] += weight * values[start &+ column] }
            }
        }
    }

    /// AᵀB for a matrix with as many rows.
    package func transposeTimes(_ other: DenseMatrix) -> DenseMatrix {
        precondition(rows == other.rows)
        var result = DenseMatrix(rows: columns, columns: other.columns)
        for row in 0..<rows {
            for column in 0..<columns {
                let weight = self[row, column]
                result.values.withUnsafeMutableBufferPointer { result in
                    other.values.withUnsafeBufferPointer { values in
                        let (start, target) = (row &* other.columns, column &* other.columns)
                        for index in 0..<other.columns { result[target &+ index] += weight * values[start &+ index] }
                    }
                }
            }
        }
        return result
    }

    /// Subtracts vvᵀ.
    package mutating func subtractSquare(of vector: [Double]) {
        precondition(rows == columns && vector.count == rows)
        for row in 0..<rows {
            for column in 0..<columns { self[row, column] -= vector[row] * vector[column] }
        }
    }
}

/// The lower triangle L of a symmetric positive matrix, A = LLᵀ (Cholesky).
package struct CholeskyFactor: Sendable {
    private let lower: DenseMatrix
    private let upper: DenseMatrix

    /// Factors the matrix after adding a ten-billionth of its mean diagonal to the diagonal, as often as it takes: kernels of
    /// equal anchors make it singular.
    package init(_ matrix: DenseMatrix) {
        var ridge = (0..<matrix.rows).reduce(0) { $0 + matrix[$1, $1] } / Double(max(1, matrix.rows)) * 1e-10
        if !(ridge > 0 && ridge.isFinite) { ridge = 1 }
        while true {
            if let lower = Self.factor(matrix, ridge: ridge) {
                self.lower = lower
                upper = lower.transposed
                return
            }
            ridge *= 100
        }
    }

    private static func factor(_ matrix: DenseMatrix, ridge: Double) -> DenseMatrix? {
        var lower = DenseMatrix(rows: matrix.rows, columns: matrix.rows)
        for row in 0..<matrix.rows {
            for column in 0...row {
                var sum = matrix[row, column] + (row == column ? ridge : 0)
                for index in 0..<column { sum -= lower[row, index] * lower[column, index] }
                if row > column {
                    lower[row, column] = sum / lower[column, column]
                } else {
                    // Not a number where the matrix holds one: a larger ridge then gives a factor all the same.
                    guard sum > 0 || !sum.isFinite && ridge > 1e100 else { return nil }
                    lower[row, row] = sum.isFinite ? sum.squareRoot() : 1
                }
            }
        }
        return lower
    }

    /// L⁻¹v.
    package func solveLower(_ vector: [Double]) -> [Double] {
        var result = vector
        for row in result.indices {
            result[row] /= lower[row, row]
            // Takes the solved part from all later rows: a whole row of the transpose.
            for later in (row + 1)..<max(row + 1, result.count) { result[later] -= upper[row, later] * result[row] }
        }
        return result
    }

    /// L⁻ᵀv.
    package func solveUpper(_ vector: [Double]) -> [Double] {
        var result = vector
        for row in result.indices.reversed() {
            result[row] /= lower[row, row]
            for earlier in 0..<row { result[earlier] -= lower[row, earlier] * result[row] }
        }
        return result
    }
}
