import HashNets
import Testing

/// The networks are those of the papers: shapes and parameter counts as published.
@Suite struct ArchitectureTests {
    @Test func twoStageNetworkHasTheShapesOfThePaper() throws {
        let architecture = try Architecture.cnnhPlus(bits: 48, classes: 10)
        let pooled = zip(architecture.layers, architecture.outputShapes).compactMap { layer, shape in
            if case .pooling = layer { shape.description } else { nil }
        }
        #expect(pooled == ["32x16x16", "64x8x8", "128x4x4"])
        #expect(architecture.outputs == 58)
        #expect(parameterCount(architecture) == 1_307_172 + 10 * 501)
    }

    @Test func tripletNetworkHasTheShapesOfThePaper() throws {
        let architecture = try Architecture.dnnh(bits: 48)
        #expect(
            Set(architecture.outputShapes.map(\.description)) == [
                "96x32x32", "96x16x16", "256x16x16", "256x8x8", "384x8x8", "384x4x4", "1024x4x4", "2400x4x4",
                "2400x1x1",
                "48x1x1",
            ])
        #expect(parameterCount(architecture) == 6_946_000)
        let ablation = try Architecture.dnnh(bits: 12, fullConnection: true)
        #expect(ablation.outputs == 12)
        #expect(parameterCount(ablation) - parameterCount(try .dnnh(bits: 12)) == 12 * 600 - 600)
    }

    @Test func residualNetworkHasFourWidthsAndTwoHeads() throws {
        let architecture = try Architecture.residual(bits: 48, classes: 10)
        #expect(architecture.outputs == 58)
        let convolutions = 9 * (3 * 24 + 24 * 48 + 2 * 48 * 48 + 48 * 96 + 2 * 96 * 96 + 96 * 192 + 2 * 192 * 192)
        let norms = 2 * (24 + 3 * 48 + 3 * 96 + 3 * 192 + 48)
        #expect(parameterCount(architecture) == convolutions + norms + 192 * 58 + 10)
        for side in [16, 28, 45] {
            let input = ImageShape(channels: 1, height: side, width: side + 1)
            #expect(try Architecture.residual(bits: 8, classes: 2, input: input).outputs == 10)
        }
        let tiny = ImageShape(channels: 3, height: 15, width: 40)
        #expect(throws: HashNetsError.self) { try Architecture.residual(bits: 8, classes: 2, input: tiny) }
        for widths in [[], [24, 48, 96], [24, 48, 0, 96]] {
            #expect(throws: HashNetsError.self) { try Architecture.residual(bits: 8, classes: 2, widths: widths) }
        }
    }

    @Test func namesRebuildArchitectures() throws {
        let shape = ImageShape(channels: 1, height: 28, width: 28)
        for architecture in try [
            Architecture.cnnh(bits: 12, input: shape), .cnnhPlus(bits: 24, classes: 5), .dnnh(bits: 16, input: shape),
            .dnnh(bits: 32, fullConnection: true), .residual(bits: 48, classes: 10),
            .residual(bits: 64, classes: 0, input: shape, widths: [32, 64, 128, 256]),
        ] {
            let rebuilt = try Architecture.named(
                architecture.name, bits: architecture.bits, classes: architecture.classes, input: architecture.input,
                widths: architecture.widths)
            #expect(rebuilt == architecture)
        }
        #expect(try Architecture.named("alexnet", bits: 8, classes: 0, input: shape) == nil)
    }

    @Test func poolingFollowsCaffesCeilMode() throws {
        for (side, pooled) in [(3, 1), (4, 2), (5, 2), (8, 4), (27, 13), (28, 14), (32, 16), (54, 27)] {
            let architecture = try Architecture(
                name: "pool", bits: 1, classes: 0, input: ImageShape(channels: 1, height: side, width: side),
                layers: [.pooling(.maximum, size: 3, stride: 2)])
            #expect(architecture.outputShapes[0].height == pooled)
        }
    }

    @Test func layersThatDoNotFitAreRefused() {
        let input = ImageShape(channels: 7, height: 2, width: 2)
        for layer in [
            Architecture.Layer.convolution(.init("c", filters: 1, size: 5, deviation: 1)),
            .convolution(.init("c", filters: 0, size: 1, deviation: 1)),
            .convolution(.init("c", filters: 7, size: 1, groups: 2, deviation: 1)),
            .convolution(.init("c", filters: 2, size: 1, groups: 7, deviation: 1)),
            .convolution(.init("c", filters: 7, size: 1, groups: 0, deviation: 1)),
            .crossChannelNormalization(size: 2, alpha: 1, beta: 1, offset: 1), .pooling(.maximum, size: 3, stride: 2),
            .pooling(.average, size: 1, stride: 2), .localResponseNormalization(size: 4, alpha: 1, beta: 1),
            .innerProduct([]), .dividedInnerProduct(.init("e", outputs: 2, deviation: 1)),
            .dividedInnerProduct(.init("e", outputs: 7, hasBias: false, deviation: 1)), .residual([]),
            .residual([.globalAveragePooling]), .residual([.pooling(.maximum, size: 3, stride: 1)]),
            .batchNormalization(.init("n", channels: 0)), .batchNormalization(.init("n", channels: 8)),
        ] {
            #expect(throws: HashNetsError.self) {
                try Architecture(name: "bad", bits: 1, classes: 0, input: input, layers: [layer])
            }
        }
    }

    @Test func shapesReadTheirOwnDescriptions() {
        #expect(ImageShape("3x32x64") == ImageShape(channels: 3, height: 32, width: 64))
        for text in ["", "3x32", "3x32x32x1", "3x32x-1", "0x1x1", "3X32X32", "3x 32x32", "+3x32x32", "3x99999999x1"] {
            #expect(ImageShape(text) == nil)
        }
    }

    private func parameterCount(_ architecture: Architecture) -> Int {
        ReferenceNetwork<Float>(architecture).parameters.reduce(0) { $0 + $1.count }
    }
}
