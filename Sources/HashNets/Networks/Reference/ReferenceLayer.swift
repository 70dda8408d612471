/// A layer in plain Swift: what the fast backend is compared with, and what computes where it is missing.
///
/// Values are row-major: batch, channel, row, column. A layer keeps from its forward pass what its backward pass needs.
protocol ReferenceLayer<Scalar> {
    associatedtype Scalar: BinaryFloatingPoint & BitwiseCopyable

    /// What the layer learns, weights first.
    var parameters: [ParameterTensor<Scalar>] { get }

    /// Averages that the layer's normalisations keep.
    var statistics: [NormalizationStatistics<Scalar>] { get }

    /// Output for `batch` inputs. Layers that drop values do so where there is a generator.
    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar]

    /// Gradient of the loss by the input from its gradient by the output; sets the parameters' gradients.
    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar]
}

extension ReferenceLayer {
    var parameters: [ParameterTensor<Scalar>] { [] }
    var statistics: [NormalizationStatistics<Scalar>] { [] }
}
