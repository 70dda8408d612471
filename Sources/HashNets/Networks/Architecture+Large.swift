/// The networks for photographs that the papers cite, at the size of images that they were made for.
extension Architecture {
    /// The images of Krizhevsky's network: 227, not the paper's 224, gives its 55 × 55 places.
    package static let alexNetInput = ImageShape(channels: 3, height: 227, width: 227)

    /// The images of DNNH's Table 1: crops of 224 of images of 256, which give its 54 × 54 places.
    package static let networkInNetworkInput = ImageShape(channels: 3, height: 224, width: 224)

    /// Filters of the five convolutions, and outputs of the two full connections.
    package static let alexNetWidths = [96, 256, 384, 384, 256, 4096, 4096]

    /// Filters of the four blocks, and features for each bit.
    package static let networkInNetworkWidths = [96, 256, 384, 1024, 50]

    /// Rebuilds one of these networks; nil where the name is unknown.
    static func largeNamed(
        _ name: String, bits: Int, classes: Int, input: ImageShape, widths: [Int]
    ) throws -> Architecture? {
        switch name {
        case "cnnh-alexnet227", "cnnh+alexnet227":
            try alexNet(
                name: name, bits: bits, classes: name == "cnnh+alexnet227" ? classes : 0, input: input,
                widths: widths.isEmpty ? alexNetWidths : widths)
        case "dnnh-nin224", "dnnh-nin224-fc":
            try networkInNetwork(
                bits: bits, input: input, fullConnection: name == "dnnh-nin224-fc",
                widths: widths.isEmpty ? networkInNetworkWidths : widths)
        default: nil
        }
    }

    /// Stage 2 of CNNH, and with classes of CNNH+, on the network of Krizhevsky et al. ("ImageNet Classification with
    /// Deep Convolutional Neural Networks", NIPS 2012): five convolutions, the second, fourth and fifth in two groups,
    /// responses normalised across channels before the first two poolings, two full connections with dropout, and the code
    /// and label outputs in place of the thousand classes.
    ///
    /// The constants are the paper's (n = 5, α = 10⁻⁴, β = 0.75, k = 2); biases start at zero, where the paper has some
    /// at 1. `widths` are as in `alexNetWidths`; images have at least 63 × 63 pixels. Throws `architectureImpossible`.
    package static func alexNet(
        bits: Int, classes: Int = 0, input: ImageShape = alexNetInput, widths: [Int] = alexNetWidths
    ) throws -> Architecture {
        try alexNet(
            name: classes > 0 ? "cnnh+alexnet227" : "cnnh-alexnet227", bits: bits, classes: classes, input: input,
            widths: widths)
    }

    private static func alexNet(
        name: String, bits: Int, classes: Int, input: ImageShape, widths: [Int]
    ) throws -> Architecture {
        try check(widths, count: 7, of: name)
        func convolution(_ number: Int, size: Int, groups: Int = 1) -> [Layer] {
            let convolution = Convolution(
                "conv\(number)", filters: widths[number - 1], size: size, stride: number == 1 ? 4 : 1,
                padding: number == 1 ? 0 : size / 2, groups: groups, deviation: 0.01)
            return [.convolution(convolution), .rectifier]
        }
        func connection(_ number: Int) -> [Layer] {
            let head = Head("fc\(number)", outputs: widths[number - 1], deviation: 0.01)
            return [.innerProduct([head]), .rectifier, .dropout(rate: 0.5)]
        }
        let normalization = Layer.crossChannelNormalization(size: 5, alpha: 1e-4, beta: 0.75, offset: 2)
        let pooling = Layer.pooling(.maximum, size: 3, stride: 2)
        let code = Head("code", outputs: bits, deviation: 0.01)
        let label = Head("label", outputs: classes, deviation: 0.01)
        let first = convolution(1, size: 11) + [normalization, pooling]
        let second = convolution(2, size: 5, groups: 2) + [normalization, pooling]
        let last = convolution(3, size: 3) + convolution(4, size: 3, groups: 2) + convolution(5, size: 3, groups: 2)
        return try Architecture(
            name: name, bits: bits, classes: classes, input: input, widths: widths == alexNetWidths ? [] : widths,
            layers: first + second + last + [pooling] + connection(6) + connection(7)
                + [.innerProduct(classes > 0 ? [code, label] : [code])])
    }

    /// DNNH on the network of its paper's Table 1 (Lai et al., CVPR 2015): network in network, where every convolution has
    /// one of 1 × 1 after it, 50 features a bit and divide-and-encode; or one full connection to the bits, as in its
    /// Table 3.
    ///
    /// The table's 5 × 5 convolution "at stride 2" keeps 27 × 27 places, so its stride is 1 and 2 is the padding. It
    /// lists no dropout, and there is none. `widths` are as in `networkInNetworkWidths`. Throws `architectureImpossible`.
    package static func networkInNetwork(
        bits: Int, input: ImageShape = networkInNetworkInput, fullConnection: Bool = false,
        widths: [Int] = networkInNetworkWidths
    ) throws -> Architecture {
        let name = fullConnection ? "dnnh-nin224-fc" : "dnnh-nin224"
        try check(widths, count: 5, of: name)
        func block(_ number: Int, size: Int, outputs: Int? = nil) -> [Layer] {
            let filters = widths[number - 1]
            return [
                .convolution(
                    .init(
                        "conv\(number)", filters: filters, size: size, stride: number == 1 ? 4 : 1,
                        padding: number == 1 ? 0 : size / 2, deviation: number == 1 ? 0.05 : 0.01)),
                .rectifier,
                .convolution(.init("cccp\(2 * number - 1)", filters: outputs ?? filters, size: 1, deviation: 0.05)),
                .rectifier,
            ]
        }
        let encoder = Head("encode", outputs: bits, deviation: 0.1)
        let pooling = [Layer.pooling(.maximum, size: 3, stride: 2)]
        let early = block(1, size: 11) + pooling + block(2, size: 5) + pooling + block(3, size: 3) + pooling
        return try Architecture(
            name: name, bits: bits, classes: 0, input: input, widths: widths == networkInNetworkWidths ? [] : widths,
            layers: early + block(4, size: 3, outputs: widths[4] * bits)
                + [.globalAveragePooling, fullConnection ? .innerProduct([encoder]) : .dividedInnerProduct(encoder)])
    }

    private static func check(_ widths: [Int], count: Int, of name: String) throws {
        guard widths.count == count, widths.allSatisfy((1...4096).contains) else {
            throw HashNetsError.architectureImpossible(
                name: name, reason: "widths \(widths) are not \(count) in 1...4096")
        }
    }
}
