/// How weights start; biases and shifts start at zero, scales and variances at one.
package enum Initialization: Hashable, Sendable {
    /// Normal with the deviations that the papers' files name. Slow to leave for deep networks.
    case paper
    /// Normal with deviation √(2 / fan-in) before rectifiers and √(1 / fan-in) before the outputs (He et al., "Delving
    /// Deep into Rectifiers", ICCV 2015, section 2.2): signals keep their size through all layers.
    case he
    /// Weights are zero, since others are loaded anyway.
    case zero
}

extension Architecture {
    /// Standard deviation for each weight by name.
    func deviations(_ initialization: Initialization) -> [String: Double] {
        var deviations: [String: Double] = [:]
        if initialization != .zero {
            forEachWeight { name, shape, rectified, paper in
                let he = ((rectified ? 2 : 1) / Double(shape.dropFirst().reduce(1, *))).squareRoot()
                deviations["\(name).weight"] = initialization == .paper ? Double(paper) : he
            }
        }
        return deviations
    }

    /// Calls `body(name, shape, rectified, paper)` for each weight of the layers, those of residual blocks included; outputs are the
    /// first number of a shape, the others' product is the fan-in. A layer is rectified where a rectifier follows, a normalisation
    /// maybe between.
    func forEachWeight(_ body: (String, [Int], Bool, Float) -> Void) {
        forEachWeight(of: layers, input: input, body)
    }

    private func forEachWeight(of layers: [Layer], input: ImageShape, _ body: (String, [Int], Bool, Float) -> Void) {
        var input = input
        for (index, layer) in layers.enumerated() {
            let rectified = layers[(index + 1)...].first { !$0.isBatchNormalization } == .rectifier
            switch layer {
            case .convolution(let convolution):
                let shape = [
                    convolution.filters, input.channels / convolution.groups, convolution.size, convolution.size,
                ]
                body(convolution.name, shape, rectified, convolution.deviation)
            case .innerProduct(let heads):
                for head in heads { body(head.name, [head.outputs, input.count], rectified, head.deviation) }
            case .dividedInnerProduct(let head):
                body(head.name, [head.outputs, input.count / head.outputs], rectified, head.deviation)
            case .residual(let layers):
                forEachWeight(of: layers, input: input, body)
            case .rectifier, .pooling, .globalAveragePooling, .globalMaximumPooling, .localResponseNormalization,
                .crossChannelNormalization, .dropout, .batchNormalization:
                break
            }
            input = layer.outputShape(of: input) ?? input
        }
    }
}

extension Architecture.Layer {
    var isBatchNormalization: Bool {
        if case .batchNormalization = self { true } else { false }
    }
}
