import COneDNN

/// Inference: a normalisation becomes a part of the weights before it.
extension OneDNNPlanner {
    /// Lists the parameters of the layer and of the normalisation, as they were learnt, and plans the preparation that
    /// makes of them the weights and the bias that the operation takes.
    func planFolding(
        of normalization: Architecture.BatchNormalization, into operation: OneDNNOperation, weightShape: [Int],
        isConvolution: Bool, heads: [Architecture.Head]
    ) throws -> LearnedTensors {
        let rows = heads.reduce(0) { $0 + $1.outputs }
        let inputs = weightShape.reduce(1, *) / rows
        let weights = nextValueBuffer(count: rows * inputs)
        let biases = nextValueBuffer(count: rows)
        let none = AlignedBuffer<Float>(count: 0)
        parameters += headParameters(heads, inputs: inputs, weight: (weights, none), bias: (biases, none)).map {
            // A convolution is one head whose rows have more sides.
            guard isConvolution, $0.role == .weight else { return $0 }
            let shape = [rows] + weightShape.suffix(3)
            return Parameter(name: $0.name, shape: shape, role: .weight, value: weights, gradient: none)
        }
        let tensors = planTensors(of: normalization, shape: ImageShape(channels: rows, height: 1, width: 1))

        let layout = try layout(of: onednn_weights, in: operation)
        let folded = try foldingTensor(shape: weightShape)
        let arranged = try OneDNNTensor(
            layout, shape: weightShape, in: engine, buffer: nextValueBuffer(count: layout.wordCount))
        let bias = try LearnedVector(count: rows, role: .bias, planner: self)
        preparation.append {
            fold(
                tensors, weights: weights.pointer, biases: biases.pointer, into: folded.buffer.pointer,
                bias.value.buffer.pointer)
        }
        try preparation.appendReorder(from: folded, to: arranged, in: engine)
        return LearnedTensors(weight: arranged, bias: bias)
    }
}

/// w' = w · γ / √(variance + ε) and b' = β + (b − mean) · γ / √(variance + ε) in the rows of normalised channels; the
/// other rows stay the same.
private func fold(
    _ tensors: NormalizationTensors<Float>, weights: UnsafeMutableBufferPointer<Float>,
    biases: UnsafeMutableBufferPointer<Float>, into foldedWeights: UnsafeMutableBufferPointer<Float>,
    _ foldedBiases: UnsafeMutableBufferPointer<Float>
) {
    let statistics = tensors.statistics
    let (scales, shifts) = (tensors.scale.value, tensors.shift.value)
    let (means, variances) = (statistics.runningMean.value, statistics.runningVariance.value)
    let width = weights.count / biases.count
    for row in biases.indices {
        var factor: Float = 1
        foldedBiases[row] = biases[row]
        if row < scales.count {
            factor = scales[row] / (variances[row] + tensors.epsilon).squareRoot()
            foldedBiases[row] = shifts[row] + (biases[row] - means[row]) * factor
        }
        for index in row * width..<(row + 1) * width { foldedWeights[index] = weights[index] * factor }
    }
}
