/// The sum of the input and of what some layers make of it.
struct ReferenceResidual<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    private var layers: [any ReferenceLayer<Scalar>]

    var parameters: [ParameterTensor<Scalar>] { layers.flatMap { $0.parameters } }
    var statistics: [NormalizationStatistics<Scalar>] { layers.flatMap { $0.statistics } }

    init(_ layers: [any ReferenceLayer<Scalar>]) {
        self.layers = layers
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        var values = input
        for index in layers.indices { values = layers[index].forward(values, batch: batch, dropout: &dropout) }
        return zip(input, values).map { $0 + $1 }
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        var gradient = outputGradient
        for index in layers.indices.reversed() { gradient = layers[index].backward(gradient, batch: batch) }
        return zip(outputGradient, gradient).map { $0 + $1 }
    }
}
