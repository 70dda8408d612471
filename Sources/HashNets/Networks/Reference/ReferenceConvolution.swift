/// Convolution (cross-correlation, as everywhere in deep learning) in plain loops.
struct ReferenceConvolution<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let geometry: ConvolutionGeometry
    let weight: ParameterTensor<Scalar>
    /// Stays zero, and is no parameter, where the convolution has no bias.
    let bias: ParameterTensor<Scalar>
    let hasBias: Bool
    private var input: [Scalar] = []

    var parameters: [ParameterTensor<Scalar>] { hasBias ? [weight, bias] : [weight] }

    init(_ convolution: Architecture.Convolution, input: ImageShape, output: ImageShape) {
        geometry = ConvolutionGeometry(convolution, input: input, output: output)
        weight = ParameterTensor(
            named: "\(convolution.name).weight",
            shape: [output.channels, input.channels / convolution.groups, convolution.size, convolution.size],
            role: .weight)
        bias = ParameterTensor(named: "\(convolution.name).bias", shape: [output.channels], role: .bias)
        hasBias = convolution.hasBias
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        self.input = input
        var output = [Scalar](repeating: 0, count: batch * geometry.output.count)
        convolve(geometry, batch: batch, input: input, weight: weight.value, bias: bias.value, output: &output)
        return output
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        var inputGradient = [Scalar](repeating: 0, count: batch * geometry.input.count)
        convolveBack(
            geometry, batch: batch, outputGradient: outputGradient, weight: weight.value, inputGradient: &inputGradient)
        correlate(
            geometry, batch: batch, input: input, outputGradient: outputGradient, weightGradient: weight.gradient,
            biasGradient: bias.gradient)
        return inputGradient
    }
}

// The three passes are free functions so that they can be compiled for both precisions: called through a generic
// layer they would otherwise go through witness tables for every number.

/// output = weight ⋆ input + bias.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func convolve<Scalar: BinaryFloatingPoint>(
    _ geometry: ConvolutionGeometry, batch: Int, input: [Scalar], weight: UnsafeMutableBufferPointer<Scalar>,
    bias: UnsafeMutableBufferPointer<Scalar>, output: inout [Scalar]
) {
    let area = geometry.output.area
    let stride = geometry.stride
    input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            for image in 0..<batch {
                let source = UnsafeBufferPointer(rebasing: input.dropFirst(image * geometry.input.count))
                let target = UnsafeMutableBufferPointer(rebasing: output.dropFirst(image * geometry.output.count))
                for channel in 0..<geometry.output.channels {
                    target[channel * area..<(channel + 1) * area].update(repeating: bias[channel])
                }
                geometry.forEachRow { element, from, to, count in
                    let factor = weight[element]
                    for step in 0..<count {
                        target[to &+ step] += factor * source[from &+ step &* stride]
                    }
                }
            }
        }
    }
}

/// Gradient by the input: every output's gradient goes back along the weights it came by.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func convolveBack<Scalar: BinaryFloatingPoint>(
    _ geometry: ConvolutionGeometry, batch: Int, outputGradient: [Scalar],
    weight: UnsafeMutableBufferPointer<Scalar>, inputGradient: inout [Scalar]
) {
    let stride = geometry.stride
    outputGradient.withUnsafeBufferPointer { outputGradient in
        inputGradient.withUnsafeMutableBufferPointer { inputGradient in
            for image in 0..<batch {
                let source = UnsafeBufferPointer(rebasing: outputGradient.dropFirst(image * geometry.output.count))
                let target = UnsafeMutableBufferPointer(rebasing: inputGradient.dropFirst(image * geometry.input.count))
                geometry.forEachRow { element, to, from, count in
                    let factor = weight[element]
                    for step in 0..<count {
                        target[to &+ step &* stride] += factor * source[from &+ step]
                    }
                }
            }
        }
    }
}

/// Gradients by weights and bias, summed over the batch.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func correlate<Scalar: BinaryFloatingPoint>(
    _ geometry: ConvolutionGeometry, batch: Int, input: [Scalar], outputGradient: [Scalar],
    weightGradient: UnsafeMutableBufferPointer<Scalar>, biasGradient: UnsafeMutableBufferPointer<Scalar>
) {
    let area = geometry.output.area
    let stride = geometry.stride
    weightGradient.update(repeating: 0)
    biasGradient.update(repeating: 0)
    input.withUnsafeBufferPointer { input in
        outputGradient.withUnsafeBufferPointer { outputGradient in
            for image in 0..<batch {
                let values = UnsafeBufferPointer(rebasing: input.dropFirst(image * geometry.input.count))
                let gradients = UnsafeBufferPointer(rebasing: outputGradient.dropFirst(image * geometry.output.count))
                for channel in 0..<geometry.output.channels {
                    biasGradient[channel] += gradients[channel * area..<(channel + 1) * area].reduce(0, +)
                }
                geometry.forEachRow { element, from, to, count in
                    var sum: Scalar = 0
                    for step in 0..<count {
                        sum += values[from &+ step &* stride] * gradients[to &+ step]
                    }
                    weightGradient[element] += sum
                }
            }
        }
    }
}
