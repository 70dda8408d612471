import Foundation

/// Local response normalisation within a channel, as Caffe's cifar10_full: y = x · s^−β with s = 1 + α/n² · Σ x² over
/// the n × n neighbours; neighbours outside the image count as zero.
struct ReferenceLocalResponseNormalization<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let shape: ImageShape
    let size: Int
    let alpha: Scalar
    let beta: Scalar
    private var input: [Scalar] = []
    private var scale: [Scalar] = []

    init(shape: ImageShape, size: Int, alpha: Float, beta: Float) {
        self.shape = shape
        self.size = size
        self.alpha = Scalar(alpha)
        self.beta = Scalar(beta)
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        self.input = input
        let sums = neighbourSums(input.map { $0 * $0 }, height: shape.height, width: shape.width, size: size)
        let factor = alpha / Scalar(size * size)
        scale = sums.map { 1 + factor * $0 }
        return zip(input, scale).map { $0 * power($1, -beta) }
    }

    /// dL/dx_i = g_i s_i^−β − 2 (α/n²) β x_i Σ_j g_j x_j s_j^(−β−1), where j are the neighbours of i.
    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        let terms = outputGradient.indices.map { outputGradient[$0] * input[$0] * power(scale[$0], -beta - 1) }
        let sums = neighbourSums(terms, height: shape.height, width: shape.width, size: size)
        let factor = 2 * alpha * beta / Scalar(size * size)
        return outputGradient.indices.map {
            outputGradient[$0] * power(scale[$0], -beta) - factor * input[$0] * sums[$0]
        }
    }

    private func power(_ base: Scalar, _ exponent: Scalar) -> Scalar {
        Scalar(pow(Double(base), Double(exponent)))
    }
}

/// Sums over size × size windows centred on each pixel of each plane, outside counting as zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func neighbourSums<Scalar: BinaryFloatingPoint>(
    _ values: [Scalar], height: Int, width: Int, size: Int
) -> [Scalar] {
    let reach = size / 2
    var sums = [Scalar](repeating: 0, count: values.count)
    for plane in 0..<values.count / max(1, height * width) {
        for row in 0..<height {
            for column in 0..<width {
                var sum: Scalar = 0
                for otherRow in max(0, row - reach)...min(height - 1, row + reach) {
                    for otherColumn in max(0, column - reach)...min(width - 1, column + reach) {
                        sum += values[(plane * height + otherRow) * width + otherColumn]
                    }
                }
                sums[(plane * height + row) * width + column] = sum
            }
        }
    }
    return sums
}
