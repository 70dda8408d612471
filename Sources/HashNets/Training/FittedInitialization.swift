extension Network {
    /// Scales and shifts each layer's weights, in the order of the layers, so that its outputs on the given images have
    /// mean 0 and deviation 1 in every channel before the rectifier, and deviation `outputDeviation` at the end.
    ///
    /// This is what batch normalisation would do at the first step (Salimans and Kingma, "Weight Normalization", NIPS
    /// 2016, section 3; Mishkin and Matas, "All you need is a good init", ICLR 2016), paid once and not in every pass.
    /// Images are normalised ones, as many as `count`; the sums depend on how many `threads` share them (0: one for each core).
    package func fitWeights(to images: [Float], count: Int, outputDeviation: Double, threads: Int = 0) throws {
        for (index, layer) in architecture.layers.enumerated() {
            let names = layer.parameterNames
            guard !names.isEmpty else { continue }
            let prefix = try Architecture(
                name: architecture.name, bits: architecture.bits, classes: architecture.classes,
                input: architecture.input, layers: Array(architecture.layers[...index]))
            let network = try Network(prefix, batch: count, initialization: .zero, threads: threads)
            try network.load(tensors())
            let moments = ChannelMoments(
                try network.forward(images), count: count, shape: prefix.outputShapes[index])
            let isLast = index == architecture.layers.lastIndex { !$0.parameterNames.isEmpty }
            try fit(names, to: moments, deviation: isLast ? outputDeviation : 1)
        }
    }

    /// Divides weights by the deviations of their outputs and shifts biases by the means.
    private func fit(_ names: [String], to moments: ChannelMoments, deviation: Double) throws {
        var channel = 0
        for name in names {
            guard let weight = parameters.first(where: { $0.name == "\(name).weight" }),
                let bias = parameters.first(where: { $0.name == "\(name).bias" })
            else { continue }
            var weights = try weight.values()
            var biases = try bias.values()
            for output in biases.indices {
                let factor = Float(deviation / max(moments.deviations[channel], 1e-6))
                for index in output * weight.fanIn..<(output + 1) * weight.fanIn { weights[index] *= factor }
                biases[output] = (biases[output] - Float(moments.means[channel])) * factor
                channel += 1
            }
            try weight.setValues(weights)
            try bias.setValues(biases)
        }
    }
}

extension Architecture.Layer {
    /// Names under which the layer has a weight and a bias; none where a normalisation does what fitting would do.
    var parameterNames: [String] {
        switch self {
        case .convolution(let convolution): [convolution.name]
        case .innerProduct(let heads): heads.map(\.name)
        case .dividedInnerProduct(let head): [head.name]
        case .rectifier, .pooling, .globalAveragePooling, .globalMaximumPooling, .localResponseNormalization,
            .crossChannelNormalization, .dropout, .batchNormalization, .residual:
            []
        }
    }
}

/// Mean and deviation of each channel over images and places.
private struct ChannelMoments {
    var means: [Double]
    var deviations: [Double]

    init(_ values: [Float], count: Int, shape: ImageShape) {
        means = [Double](repeating: 0, count: shape.channels)
        deviations = means
        let samples = Double(count * shape.area)
        for channel in 0..<shape.channels {
            var sum = 0.0
            var squares = 0.0
            for image in 0..<count {
                let start = image * shape.count + channel * shape.area
                for index in start..<start + shape.area {
                    sum += Double(values[index])
                    squares += Double(values[index]) * Double(values[index])
                }
            }
            means[channel] = sum / samples
            deviations[channel] = max(squares / samples - means[channel] * means[channel], 0).squareRoot()
        }
    }
}
