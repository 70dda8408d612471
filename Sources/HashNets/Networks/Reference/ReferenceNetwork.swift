/// A network of reference layers, in the precision of its choice: double for checking gradients by finite differences.
package final class ReferenceNetwork<Scalar: BinaryFloatingPoint & BitwiseCopyable> {
    /// What the network computes.
    package let architecture: Architecture
    /// All parameters, in the order of the layers.
    package let parameters: [ParameterTensor<Scalar>]
    private var layers: [any ReferenceLayer<Scalar>]
    private var batch = 0

    /// Builds the layers; all parameters are zero.
    package init(_ architecture: Architecture) {
        self.architecture = architecture
        layers = architecture.layers.indices.map { index in
            makeReferenceLayer(
                architecture.layers[index], input: architecture.inputShape(ofLayer: index),
                output: architecture.outputShapes[index])
        }
        parameters = layers.flatMap { $0.parameters }
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

private func makeReferenceLayer<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ layer: Architecture.Layer, input: ImageShape, output: ImageShape
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
    case .localResponseNormalization(let size, let alpha, let beta):
        ReferenceNormalization(shape: input, size: size, alpha: alpha, beta: beta)
    case .dropout(let rate):
        ReferenceDropout(rate: rate)
    case .innerProduct(let heads):
        ReferenceInnerProduct(heads, input: input)
    case .dividedInnerProduct(let head):
        ReferenceDividedInnerProduct(head, input: input)
    }
}
