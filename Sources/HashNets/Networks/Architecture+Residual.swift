extension Architecture {
    /// Filter counts of `residual` before each of its three poolings and after.
    package static let residualWidths = [24, 48, 96, 192]

    /// A small residual network (after He et al., CVPR 2016): ten 3 × 3 convolutions, each with batch normalisation
    /// and a rectifier, in four widths; two in a row make a residual block of the last three. Global maximum pooling
    /// hands the features to both heads: a code without bias, whose outputs are normalised over the batch, which
    /// balances the bits, and the labels.
    ///
    /// `widths` are four filter counts; images have at least 16 × 16 pixels. Throws `architectureImpossible`.
    package static func residual(
        bits: Int, classes: Int, input: ImageShape = cifar, widths: [Int] = residualWidths
    ) throws -> Architecture {
        let name = "residual32"
        guard widths.count == 4, widths.allSatisfy((1...4096).contains) else {
            throw HashNetsError.architectureImpossible(name: name, reason: "widths \(widths) are not 4 in 1...4096")
        }
        guard min(input.height, input.width) >= 16 else {
            throw HashNetsError.architectureImpossible(name: name, reason: "input \(input) is smaller than 16 x 16")
        }
        let pooling = Layer.pooling(.maximum, size: 2, stride: 2)
        let code = Head("code", outputs: bits, hasBias: false, deviation: 0.01)
        let label = Head("label", outputs: classes, deviation: 0.01)
        return try Architecture(
            name: name, bits: bits, classes: classes, input: input, widths: widths,
            layers: normalizedConvolution("1", widths[0]) + normalizedConvolution("2", widths[1])
                + [pooling, residualBlock("2", widths[1])] + normalizedConvolution("3", widths[2])
                + [pooling, residualBlock("3", widths[2])] + normalizedConvolution("4", widths[3])
                + [pooling, residualBlock("4", widths[3]), .globalMaximumPooling]
                + [
                    .innerProduct(classes > 0 ? [code, label] : [code]),
                    .batchNormalization(.init("code_norm", channels: classes > 0 ? bits : nil)),
                ])
    }

    private static func residualBlock(_ name: String, _ filters: Int) -> Layer {
        .residual(normalizedConvolution("\(name)a", filters) + normalizedConvolution("\(name)b", filters))
    }

    private static func normalizedConvolution(_ name: String, _ filters: Int) -> [Layer] {
        [
            .convolution(
                .init("conv\(name)", filters: filters, size: 3, padding: 1, hasBias: false, deviation: 0.05)),
            .batchNormalization(.init("norm\(name)")), .rectifier,
        ]
    }
}
