/// Square windows in Caffe's ceil mode: the last window may hang over the edge, and only pixels inside count.
struct PoolingGeometry: Hashable, Sendable {
    let input: ImageShape
    let output: ImageShape
    let size: Int
    let stride: Int

    /// Calls `body(output, rows, columns)` for each window of one plane.
    @inline(__always)
    func forEachWindow(_ body: (_ output: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void) {
        for row in 0..<output.height {
            let rows = row * stride..<min(row * stride + size, input.height)
            for column in 0..<output.width {
                body(row * output.width + column, rows, column * stride..<min(column * stride + size, input.width))
            }
        }
    }
}

/// The largest value of each window; the gradient goes to the first largest.
struct ReferenceMaximumPooling<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let geometry: PoolingGeometry
    private var winners: [Int] = []

    init(_ geometry: PoolingGeometry) {
        self.geometry = geometry
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        var output: [Scalar] = []
        (output, winners) = poolMaximum(geometry, planes: batch * geometry.input.channels, input: input)
        return output
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        var inputGradient = [Scalar](repeating: 0, count: batch * geometry.input.count)
        for (winner, gradient) in zip(winners, outputGradient) { inputGradient[winner] += gradient }
        return inputGradient
    }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func poolMaximum<Scalar: BinaryFloatingPoint>(
    _ geometry: PoolingGeometry, planes: Int, input: [Scalar]
) -> (output: [Scalar], winners: [Int]) {
    var output = [Scalar](repeating: 0, count: planes * geometry.output.area)
    var winners = [Int](repeating: 0, count: output.count)
    for plane in 0..<planes {
        geometry.forEachWindow { position, rows, columns in
            let start = plane * geometry.input.area
            var winner = start + rows.lowerBound * geometry.input.width + columns.lowerBound
            for row in rows {
                for column in columns {
                    let candidate = start + row * geometry.input.width + column
                    if input[candidate] > input[winner] { winner = candidate }
                }
            }
            output[plane * geometry.output.area + position] = input[winner]
            winners[plane * geometry.output.area + position] = winner
        }
    }
    return (output, winners)
}

/// The mean of each window's pixels.
struct ReferenceAveragePooling<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let geometry: PoolingGeometry

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        poolAverage(geometry, planes: batch * geometry.input.channels, input: input)
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        spreadAverage(geometry, planes: batch * geometry.input.channels, outputGradient: outputGradient)
    }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func poolAverage<Scalar: BinaryFloatingPoint>(
    _ geometry: PoolingGeometry, planes: Int, input: [Scalar]
) -> [Scalar] {
    var output = [Scalar](repeating: 0, count: planes * geometry.output.area)
    for plane in 0..<planes {
        geometry.forEachWindow { position, rows, columns in
            var sum: Scalar = 0
            for row in rows {
                for column in columns {
                    sum += input[(plane * geometry.input.height + row) * geometry.input.width + column]
                }
            }
            output[plane * geometry.output.area + position] = sum / Scalar(rows.count * columns.count)
        }
    }
    return output
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func spreadAverage<Scalar: BinaryFloatingPoint>(
    _ geometry: PoolingGeometry, planes: Int, outputGradient: [Scalar]
) -> [Scalar] {
    var inputGradient = [Scalar](repeating: 0, count: planes * geometry.input.area)
    for plane in 0..<planes {
        geometry.forEachWindow { position, rows, columns in
            let share = outputGradient[plane * geometry.output.area + position] / Scalar(rows.count * columns.count)
            for row in rows {
                for column in columns {
                    inputGradient[(plane * geometry.input.height + row) * geometry.input.width + column] += share
                }
            }
        }
    }
    return inputGradient
}
