/// A network of reference layers, in the precision of its choice: double for checking gradients by finite differences.
package final class ReferenceNetwork<Scalar: BinaryFloatingPoint & BitwiseCopyable> {
    /// What the network computes.
    package let architecture: Architecture
    /// All parameters, in the order of the layers.
    package let parameters: [ParameterTensor<Scalar>]
    /// Averages that normalisations keep, in the order of the layers.
    let statistics: [NormalizationStatistics<Scalar>]
    private var layers: [any ReferenceLayer<Scalar>]
    private var batch = 0

    /// Builds the layers; all parameters are zero. In training, normalisations take the batch's own statistics.
    package init(_ architecture: Architecture, training: Bool = true) {
        self.architecture = architecture
        layers = makeReferenceLayers(architecture.layers, input: architecture.input, training: training)
        parameters = layers.flatMap { $0.parameters }
        statistics = layers.flatMap { $0.statistics }
    }

    /// Logits of the images (normalised, channels first); values are dropped where there is a generator.
    package func forward(_ images: [Scalar], dropout: inout SeededGenerator?) -> [Scalar] {
        batch = images.count / architecture.input.count
        var values = images
        for index in layers.indices {
            values = layers[index].forward(values, batch: batch, dropout: &dropout)
        }
        return values
    }

    /// Sets the parameters' gradients and returns the gradient by the images of the last forward pass.
    @discardableResult
    package func backward(_ outputGradient: [Scalar]) -> [Scalar] {
        var gradient = outputGradient
        for index in layers.indices.reversed() {
            gradient = layers[index].backward(gradient, batch: batch)
        }
        return gradient
    }
}

private func makeReferenceLayers<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ layers: [Architecture.Layer], input: ImageShape, training: Bool
) -> [any ReferenceLayer<Scalar>] {
    var input = input
    return layers.map { layer in
        let output = layer.outputShape(of: input) ?? input
        defer { input = output }
        return makeReferenceLayer(layer, input: input, output: output, training: training)
    }
}

private func makeReferenceLayer<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ layer: Architecture.Layer, input: ImageShape, output: ImageShape, training: Bool
) -> any ReferenceLayer<Scalar> {
    switch layer {
    case .convolution(let convolution):
        ReferenceConvolution(convolution, input: input, output: output)
    case .rectifier:
        ReferenceRectifier()
    case .pooling(.maximum, let size, let stride):
        ReferenceMaximumPooling(PoolingGeometry(input: input, output: output, size: size, stride: stride))
    case .pooling(.average, let size, let stride):
        ReferenceAveragePooling(geometry: PoolingGeometry(input: input, output: output, size: size, stride: stride))
    case .globalAveragePooling:
        ReferenceAveragePooling(
            geometry: PoolingGeometry(
                input: input, output: output, size: max(input.height, input.width),
                stride: max(input.height, input.width)))
    case .globalMaximumPooling:
        ReferenceMaximumPooling(
            PoolingGeometry(
                input: input, output: output, size: max(input.height, input.width),
                stride: max(input.height, input.width)))
    case .batchNormalization(let normalization):
        ReferenceBatchNormalization(normalization, input: input, training: training)
    case .residual(let layers):
        ReferenceResidual(makeReferenceLayers(layers, input: input, training: training))
    case .localResponseNormalization(let size, let alpha, let beta):
        ReferenceLocalResponseNormalization(shape: input, size: size, alpha: alpha, beta: beta)
    case .crossChannelNormalization(let size, let alpha, let beta, let offset):
        ReferenceCrossChannelNormalization(shape: input, size: size, alpha: alpha, beta: beta, offset: offset)
    case .dropout(let rate):
        ReferenceDropout(rate: rate)
    case .innerProduct(let heads):
        ReferenceInnerProduct(heads, input: input)
    case .dividedInnerProduct(let head):
        ReferenceDividedInnerProduct(head, input: input)
    }
}
