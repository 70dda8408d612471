import Foundation

/// Local response normalisation across channels (Krizhevsky et al., NIPS 2012, section 3.3): y = x · s^−β with
/// s = k + α · Σ x² over `size` channels centred on the own one, fewer at the first and the last; k is `offset`.
struct ReferenceCrossChannelNormalization<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let shape: ImageShape
    let size: Int
    let alpha: Scalar
    let beta: Scalar
    let offset: Scalar
    private var input: [Scalar] = []
    private var scale: [Scalar] = []

    init(shape: ImageShape, size: Int, alpha: Float, beta: Float, offset: Float) {
        self.shape = shape
        self.size = size
        self.alpha = Scalar(alpha)
        self.beta = Scalar(beta)
        self.offset = Scalar(offset)
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        self.input = input
        scale = channelSums(input.map { $0 * $0 }, shape: shape, size: size).map { offset + alpha * $0 }
        return zip(input, scale).map { $0 * power($1, -beta) }
    }

    /// dL/dx_i = g_i s_i^−β − 2 α β x_i Σ_j g_j x_j s_j^(−β−1), where j are the neighbours of i.
    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        let terms = outputGradient.indices.map { outputGradient[$0] * input[$0] * power(scale[$0], -beta - 1) }
        let sums = channelSums(terms, shape: shape, size: size)
        return outputGradient.indices.map {
            outputGradient[$0] * power(scale[$0], -beta) - 2 * alpha * beta * input[$0] * sums[$0]
        }
    }

    private func power(_ base: Scalar, _ exponent: Scalar) -> Scalar {
        Scalar(pow(Double(base), Double(exponent)))
    }
}

/// Sums over `size` channels centred on each, at each place of each image.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func channelSums<Scalar: BinaryFloatingPoint>(
    _ values: [Scalar], shape: ImageShape, size: Int
) -> [Scalar] {
    let reach = size / 2
    var sums = [Scalar](repeating: 0, count: values.count)
    for image in 0..<values.count / max(1, shape.count) {
        for channel in 0..<shape.channels {
            let target = image * shape.count + channel * shape.area
            for other in max(0, channel - reach)...min(shape.channels - 1, channel + reach) {
                let source = image * shape.count + other * shape.area
                for place in 0..<shape.area { sums[target &+ place] += values[source &+ place] }
            }
        }
    }
    return sums
}
