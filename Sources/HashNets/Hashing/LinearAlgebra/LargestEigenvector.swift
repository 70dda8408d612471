/// The largest eigenvalue of a symmetric operator and its eigenvector, by Lanczos' method with a restart from the best vector
/// found (Golub and Van Loan, "Matrix Computations", chapter 10).
///
/// All vectors of a round are kept and made orthogonal to one another twice, which rounding does not defeat.
package struct LargestEigenvector {
    package private(set) var value = 0.0
    /// Of length 1.
    package private(set) var vector: [Double]

    private static let steps = 24
    private static let rounds = 60

    /// `apply` multiplies a vector by the operator; equal seeds give equal signs.
    package init(size: Int, seed: UInt64, tolerance: Double = 1e-9, _ apply: ([Double]) -> [Double]) {
        var generator = SeededGenerator(seed: seed)
        vector = normalized((0..<size).map { _ in generator.nextNormal() }) ?? []
        guard !vector.isEmpty else { return }
        for _ in 0..<Self.rounds {
            let (value, vector, residual) = Self.round(from: vector, apply)
            self.value = value
            self.vector = vector
            if residual <= tolerance * abs(value) { break }
        }
    }

    private static func round(
        from start: [Double], _ apply: ([Double]) -> [Double]
    ) -> (value: Double, vector: [Double], residual: Double) {
        var basis = [start]
        var tridiagonal = DenseMatrix(rows: steps, columns: steps)
        var residual = 0.0
        for step in 0..<steps {
            var next = apply(basis[step])
            tridiagonal[step, step] = product(next, basis[step])
            for _ in 0..<2 {
                for earlier in basis { subtract(earlier, times: product(next, earlier), from: &next) }
            }
            residual = product(next, next).squareRoot()
            guard basis.count < steps, basis.count < start.count, let unit = normalized(next) else { break }
            tridiagonal[step, step + 1] = residual
            tridiagonal[step + 1, step] = residual
            basis.append(unit)
        }
        let count = basis.count
        var small = DenseMatrix(rows: count, columns: count)
        for row in 0..<count {
            for column in 0..<count { small[row, column] = tridiagonal[row, column] }
        }
        let (value, weights) = SymmetricEigenvectors(small).largest
        var vector = [Double](repeating: 0, count: start.count)
        for (weight, member) in zip(weights, basis) { subtract(member, times: -weight, from: &vector) }
        return (value, normalized(vector) ?? start, residual * abs(weights[count - 1]))
    }
}

/// All eigenvectors of a small symmetric matrix, by Jacobi's rotations.
package struct SymmetricEigenvectors {
    package private(set) var values: [Double]
    /// Row i belongs to value i.
    package private(set) var vectors: DenseMatrix

    package init(_ matrix: DenseMatrix) {
        let size = matrix.rows
        var matrix = matrix
        vectors = DenseMatrix(rows: size, columns: size)
        for index in 0..<size { vectors[index, index] = 1 }
        for _ in 0..<60 {
            var rest = 0.0
            for row in 0..<size {
                for column in 0..<row { rest += matrix[row, column] * matrix[row, column] }
            }
            if rest == 0 { break }
            for row in 1..<max(size, 1) {
                for column in 0..<row where matrix[row, column] != 0 {
                    Self.rotate(row, column, &matrix, &vectors)
                }
            }
        }
        values = (0..<size).map { matrix[$0, $0] }
    }

    /// The largest value and its vector.
    package var largest: (value: Double, vector: [Double]) {
        let index = values.indices.max { values[$0] < values[$1] } ?? 0
        let start = index * vectors.columns
        return (values[index], Array(vectors.values[start..<start + vectors.columns]))
    }

    /// The rotation that makes the entry of a row and a column zero.
    private static func rotate(_ p: Int, _ q: Int, _ matrix: inout DenseMatrix, _ vectors: inout DenseMatrix) {
        let entry = matrix[p, q]
        let angle = (matrix[q, q] - matrix[p, p]) / (2 * entry)
        let tangent = (angle < 0 ? -1 : 1) / (abs(angle) + (angle * angle + 1).squareRoot())
        let cosine = 1 / (tangent * tangent + 1).squareRoot()
        let sine = tangent * cosine
        for index in 0..<matrix.rows {
            let (first, second) = (matrix[index, p], matrix[index, q])
            matrix[index, p] = cosine * first - sine * second
            matrix[index, q] = sine * first + cosine * second
        }
        for index in 0..<matrix.rows {
            let (first, second) = (matrix[p, index], matrix[q, index])
            matrix[p, index] = cosine * first - sine * second
            matrix[q, index] = sine * first + cosine * second
            let (left, right) = (vectors[p, index], vectors[q, index])
            vectors[p, index] = cosine * left - sine * right
            vectors[q, index] = sine * left + cosine * right
        }
        matrix[p, q] = 0
        matrix[q, p] = 0
    }
}

/// The inner product of two vectors.
func product(_ first: [Double], _ second: [Double]) -> Double {
    var sum = 0.0
    for index in first.indices { sum += first[index] * second[index] }
    return sum
}

private func subtract(_ vector: [Double], times weight: Double, from sum: inout [Double]) {
    for index in vector.indices { sum[index] -= weight * vector[index] }
}

/// The vector at length 1; nil for zero.
private func normalized(_ vector: [Double]) -> [Double]? {
    let norm = product(vector, vector).squareRoot()
    return norm > 1e-290 && norm.isFinite ? vector.map { $0 / norm } : nil
}
