extension Architecture {
    /// Names that `named` accepts, for messages.
    static let knownNames =
        "cnnh32, cnnh+32, dnnh-nin32, dnnh-nin32-fc, residual32, cnnh-alexnet227, cnnh+alexnet227, dnnh-nin224, "
        + "dnnh-nin224-fc"

    /// Rebuilds an architecture from what metadata says; nil where the name is unknown.
    package static func named(
        _ name: String, bits: Int, classes: Int, input: ImageShape, widths: [Int] = []
    ) throws -> Architecture? {
        switch name {
        case "cnnh32": try cnnh(bits: bits, input: input)
        case "cnnh+32": try cnnhPlus(bits: bits, classes: classes, input: input)
        case "dnnh-nin32": try dnnh(bits: bits, input: input)
        case "dnnh-nin32-fc": try dnnh(bits: bits, input: input, fullConnection: true)
        case "residual32":
            try residual(
                bits: bits, classes: classes, input: input, widths: widths.isEmpty ? residualWidths : widths)
        default: try largeNamed(name, bits: bits, classes: classes, input: input, widths: widths)
        }
    }

    /// CIFAR-10's images.
    package static let cifar = ImageShape(channels: 3, height: 32, width: 32)

    /// Stage 2 of CNNH (Xia et al., AAAI 2014): three convolutions with pooling, one full connection, q code outputs.
    package static func cnnh(bits: Int, input: ImageShape = cifar) throws -> Architecture {
        try cnnh(name: "cnnh32", bits: bits, classes: 0, input: input)
    }

    /// CNNH+: the label outputs, c of them, follow the code outputs; both share all features.
    ///
    /// A `narrowing` above 1 divides all filter counts, for tests that need a small network.
    package static func cnnhPlus(
        bits: Int, classes: Int, input: ImageShape = cifar, narrowing: Int = 1
    ) throws -> Architecture {
        try cnnh(name: "cnnh+32", bits: bits, classes: classes, input: input, narrowing: narrowing)
    }

    /// Filter counts as in re-implementations of the paper, LRN constants and deviations of Caffe's `cifar10_full`.
    private static func cnnh(
        name: String, bits: Int, classes: Int, input: ImageShape, narrowing: Int = 1
    ) throws -> Architecture {
        let normalization = Layer.localResponseNormalization(size: 3, alpha: 5e-5, beta: 0.75)
        let pooling = Layer.pooling(.maximum, size: 3, stride: 2)
        let code = Head("code", outputs: bits, deviation: 0.01)
        let label = Head("label", outputs: classes, deviation: 0.01)
        return try Architecture(
            name: name, bits: bits, classes: classes, input: input,
            layers: [
                .convolution(.init("conv1", filters: 32 / narrowing, size: 5, padding: 2, deviation: 0.0001)),
                .rectifier,
                pooling, normalization,
                .convolution(.init("conv2", filters: 64 / narrowing, size: 5, padding: 2, deviation: 0.01)), .rectifier,
                pooling, normalization,
                .convolution(.init("conv3", filters: 128 / narrowing, size: 5, padding: 2, deviation: 0.01)),
                .rectifier,
                pooling,
                .innerProduct([.init("fc", outputs: 500 / narrowing, deviation: 0.01)]), .rectifier,
                .dropout(rate: 0.5),
                .innerProduct(classes > 0 ? [code, label] : [code]),
            ])
    }

    /// DNNH (Lai et al., CVPR 2015) in its 32 × 32 form: network in network, 50 features a bit, divide-and-encode; or
    /// the ablation of the paper's Table 3, one full connection to the bits. For `narrowing` see `cnnhPlus`.
    package static func dnnh(
        bits: Int, input: ImageShape = cifar, fullConnection: Bool = false, narrowing: Int = 1
    ) throws -> Architecture {
        let encoder = Head("encode", outputs: bits, deviation: 0.1)
        return try Architecture(
            name: fullConnection ? "dnnh-nin32-fc" : "dnnh-nin32", bits: bits, classes: 0, input: input,
            layers: [
                .convolution(.init("conv1", filters: 96 / narrowing, size: 5, padding: 2, deviation: 0.05)), .rectifier,
                .convolution(.init("cccp1", filters: 96 / narrowing, size: 1, deviation: 0.05)), .rectifier,
                .pooling(.maximum, size: 3, stride: 2), .dropout(rate: 0.5),
                .convolution(.init("conv2", filters: 256 / narrowing, size: 5, padding: 2, deviation: 0.01)),
                .rectifier,
                .convolution(.init("cccp3", filters: 256 / narrowing, size: 1, deviation: 0.05)), .rectifier,
                .pooling(.maximum, size: 3, stride: 2),
                .convolution(.init("conv3", filters: 384 / narrowing, size: 1, deviation: 0.01)), .rectifier,
                .convolution(.init("cccp5", filters: 384 / narrowing, size: 1, deviation: 0.05)), .rectifier,
                .pooling(.average, size: 3, stride: 2), .dropout(rate: 0.5),
                .convolution(.init("conv4", filters: 1024 / narrowing, size: 3, padding: 1, deviation: 0.01)),
                .rectifier,
                .convolution(.init("cccp7", filters: 50 / min(narrowing, 10) * bits, size: 1, deviation: 0.05)),
                .rectifier,
                .globalAveragePooling,
                fullConnection ? .innerProduct([encoder]) : .dividedInnerProduct(encoder),
            ])
    }
}
