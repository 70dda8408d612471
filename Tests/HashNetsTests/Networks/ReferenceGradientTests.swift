import HashNets
import Testing

/// Every layer alone, and the networks whole, against finite differences.
@Suite struct ReferenceGradientTests {
    static let layers: [Architecture.Layer] = [
        .convolution(.init("c", filters: 3, size: 3, padding: 1, deviation: 1)),
        .convolution(.init("c", filters: 4, size: 5, padding: 2, deviation: 1)),
        .convolution(.init("c", filters: 3, size: 3, stride: 2, padding: 1, deviation: 1)),
        .convolution(.init("c", filters: 2, size: 1, deviation: 1)),
        .rectifier,
        .pooling(.maximum, size: 3, stride: 2),
        .pooling(.average, size: 3, stride: 2),
        .globalAveragePooling,
        .localResponseNormalization(size: 3, alpha: 2, beta: 0.75),
        .dropout(rate: 0.4),
        .innerProduct([.init("a", outputs: 3, deviation: 1), .init("b", outputs: 2, deviation: 1)]),
        .innerProduct([.init("a", outputs: 3, hasBias: false, deviation: 1), .init("b", outputs: 2, deviation: 1)]),
        .innerProduct([.init("a", outputs: 3, hasBias: false, deviation: 1)]),
        .convolution(.init("c", filters: 3, size: 3, padding: 1, hasBias: false, deviation: 1)),
        .globalMaximumPooling,
        .batchNormalization(.init("n")),
        .batchNormalization(.init("n", channels: 1, epsilon: 0.1)),
        .residual([.batchNormalization(.init("n")), .rectifier]),
        .residual([.rectifier]),
        .residual([.dropout(rate: 0.5), .residual([.dropout(rate: 0.2)])]),
        .convolution(.init("c", filters: 4, size: 3, padding: 1, groups: 2, deviation: 1)),
        .convolution(.init("c", filters: 6, size: 5, stride: 2, padding: 2, groups: 2, hasBias: false, deviation: 1)),
        .crossChannelNormalization(size: 5, alpha: 0.3, beta: 0.75, offset: 2),
        .crossChannelNormalization(size: 3, alpha: 1, beta: 0.5, offset: 1),
    ]

    @Test func blockOfConvolutionsGradientEqualsFiniteDifferences() throws {
        func convolution(_ name: String) -> [Architecture.Layer] {
            [
                .convolution(.init(name, filters: 3, size: 3, padding: 1, hasBias: false, deviation: 1)),
                .batchNormalization(.init("\(name)n")), .rectifier,
            ]
        }
        let input = ImageShape(channels: 3, height: 6, width: 5)
        let block = Architecture.Layer.residual(convolution("a") + convolution("b"))
        let architecture = try Architecture(name: "block", bits: 1, classes: 0, input: input, layers: [block, block])
        #expect(largestGradientError(architecture, batch: 3, seed: 5) < 1e-6)
    }

    @Test(arguments: [0, 3]) func residualNetworkGradientEqualsFiniteDifferences(classes: Int) throws {
        let input = ImageShape(channels: 3, height: 16, width: 18)
        let architecture = try Architecture.residual(bits: 4, classes: classes, input: input, widths: [2, 3, 4, 5])
        #expect(largestGradientError(architecture, batch: 3, seed: 6, samples: 20) < 1e-5)
    }

    @Test(arguments: layers) func layerGradientEqualsFiniteDifferences(_ layer: Architecture.Layer) throws {
        let input = ImageShape(channels: 2, height: 7, width: 8)
        let architecture = try Architecture(name: "one layer", bits: 1, classes: 0, input: input, layers: [layer])
        #expect(largestGradientError(architecture, batch: 3, seed: 1, dropping: true) < 1e-7)
    }

    @Test func dividedInnerProductGradientEqualsFiniteDifferences() throws {
        let input = ImageShape(channels: 15, height: 1, width: 1)
        let layer = Architecture.Layer.dividedInnerProduct(.init("e", outputs: 3, deviation: 1))
        let architecture = try Architecture(name: "one layer", bits: 3, classes: 0, input: input, layers: [layer])
        #expect(largestGradientError(architecture, batch: 4, seed: 2) < 1e-8)
    }

    @Test func twoStageNetworkGradientEqualsFiniteDifferences() throws {
        let input = ImageShape(channels: 1, height: 12, width: 12)
        let architecture = try Architecture.cnnhPlus(bits: 4, classes: 3, input: input, narrowing: 8)
        #expect(largestGradientError(architecture, batch: 2, seed: 3, deviation: 0.1, samples: 20) < 1e-6)
    }

    @Test(arguments: [false, true]) func tripletNetworkGradientEqualsFiniteDifferences(fullConnection: Bool) throws {
        let input = ImageShape(channels: 3, height: 12, width: 12)
        let architecture = try Architecture.dnnh(bits: 2, input: input, fullConnection: fullConnection, narrowing: 12)
        #expect(largestGradientError(architecture, batch: 1, seed: 4, deviation: 0.1, samples: 10) < 1e-6)
    }
}
