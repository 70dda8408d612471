/// Batch normalisation of the first channels in plain loops; the other channels pass unchanged.
struct ReferenceBatchNormalization<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let tensors: NormalizationTensors<Scalar>
    let training: Bool
    private var input: [Scalar] = []

    var parameters: [ParameterTensor<Scalar>] { [tensors.scale, tensors.shift] }
    var statistics: [NormalizationStatistics<Scalar>] { [tensors.statistics] }

    init(_ normalization: Architecture.BatchNormalization, input: ImageShape, training: Bool) {
        let channels = normalization.channels ?? input.channels
        let name = normalization.name
        tensors = NormalizationTensors(
            scale: ParameterTensor(named: "\(name).weight", shape: [channels], role: .scale),
            shift: ParameterTensor(named: "\(name).bias", shape: [channels], role: .shift),
            statistics: NormalizationStatistics(name, channels: channels), epsilon: Scalar(normalization.epsilon),
            shape: input)
        self.training = training
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        self.input = input
        var output = input
        input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                normalize(input, tensors, batch: batch, training: training, output: output)
            }
        }
        return output
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        var inputGradient = outputGradient
        outputGradient.withUnsafeBufferPointer { outputGradient in
            input.withUnsafeBufferPointer { input in
                inputGradient.withUnsafeMutableBufferPointer { inputGradient in
                    normalizeBack(outputGradient, input: input, tensors, batch: batch, inputGradient: inputGradient)
                }
            }
        }
        return inputGradient
    }
}

/// What a batch normalisation learns and keeps; values are batch × `shape`, row-major.
struct NormalizationTensors<Scalar: BinaryFloatingPoint & BitwiseCopyable> {
    let scale: ParameterTensor<Scalar>
    let shift: ParameterTensor<Scalar>
    let statistics: NormalizationStatistics<Scalar>
    let epsilon: Scalar
    let shape: ImageShape

    /// Calls the closure for each row of values that image and channel have in memory.
    @inline(__always)
    func forEachRow(ofChannel channel: Int, batch: Int, _ body: (Range<Int>) -> Void) {
        for image in 0..<batch {
            let start = image * shape.count + channel * shape.area
            body(start..<start + shape.area)
        }
    }
}

/// output = γ (input − mean) / √(variance + ε) + β, in training with the batch's own mean and variance, which it keeps.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func normalize<Scalar: BinaryFloatingPoint>(
    _ input: UnsafeBufferPointer<Scalar>, _ tensors: NormalizationTensors<Scalar>, batch: Int, training: Bool,
    output: UnsafeMutableBufferPointer<Scalar>
) {
    let statistics = tensors.statistics
    let (scale, shift) = (tensors.scale.value, tensors.shift.value)
    statistics.samples = batch * tensors.shape.area
    let samples = Scalar(statistics.samples)
    for channel in scale.indices {
        var mean = statistics.runningMean.value[channel]
        var variance = statistics.runningVariance.value[channel]
        if training {
            (mean, variance) = (0, 0)
            tensors.forEachRow(ofChannel: channel, batch: batch) { for index in $0 { mean += input[index] } }
            mean /= samples
            tensors.forEachRow(ofChannel: channel, batch: batch) {
                for index in $0 { variance += (input[index] - mean) * (input[index] - mean) }
            }
            variance /= samples
            statistics.batchMean.pointer[channel] = mean
            statistics.batchVariance.pointer[channel] = variance
        }
        let factor = scale[channel] / (variance + tensors.epsilon).squareRoot()
        tensors.forEachRow(ofChannel: channel, batch: batch) {
            for index in $0 { output[index] = (input[index] - mean) * factor + shift[channel] }
        }
    }
}

/// The gradients of `normalize` in training: with x̂ the normalised input, g the output's gradient and n samples,
/// dγ = Σ g x̂, dβ = Σ g and dx = γ / √(variance + ε) · (g − dβ/n − x̂ dγ/n).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func normalizeBack<Scalar: BinaryFloatingPoint>(
    _ outputGradient: UnsafeBufferPointer<Scalar>, input: UnsafeBufferPointer<Scalar>,
    _ tensors: NormalizationTensors<Scalar>, batch: Int, inputGradient: UnsafeMutableBufferPointer<Scalar>
) {
    let statistics = tensors.statistics
    let scale = tensors.scale.value
    let samples = Scalar(statistics.samples)
    for channel in scale.indices {
        let mean = statistics.batchMean.pointer[channel]
        let inverse = 1 / (statistics.batchVariance.pointer[channel] + tensors.epsilon).squareRoot()
        var (scaleGradient, shiftGradient): (Scalar, Scalar) = (0, 0)
        tensors.forEachRow(ofChannel: channel, batch: batch) {
            for index in $0 {
                scaleGradient += outputGradient[index] * (input[index] - mean) * inverse
                shiftGradient += outputGradient[index]
            }
        }
        tensors.scale.gradient[channel] = scaleGradient
        tensors.shift.gradient[channel] = shiftGradient
        tensors.forEachRow(ofChannel: channel, batch: batch) {
            for index in $0 {
                let normalized = (input[index] - mean) * inverse
                inputGradient[index] =
                    scale[channel] * inverse
                    * (outputGradient[index] - (shiftGradient + normalized * scaleGradient) / samples)
            }
        }
    }
}
