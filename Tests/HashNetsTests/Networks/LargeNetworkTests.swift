import Foundation
import HashNets
import Testing

/// Krizhevsky's network and the NIN of DNNH's Table 1: as published in shape, and the same with both backends.
@Suite struct LargeNetworkTests {
    /// As large networks are, but with few filters; they keep the rules that groups and slices make.
    private static let narrow = [8, 16, 12, 20, 8, 24, 20]
    private static let narrowBlocks = [12, 20, 16, 24, 5]

    private static func networks(side: Int) -> [Architecture] {
        let input = ImageShape(channels: 3, height: side, width: side)
        return making {
            try [
                Architecture.alexNet(bits: 12, input: input, widths: narrow),
                .alexNet(bits: 8, classes: 4, input: input, widths: narrow),
                .networkInNetwork(bits: 6, input: input, widths: narrowBlocks),
                .networkInNetwork(bits: 6, input: input, fullConnection: true, widths: narrowBlocks),
            ]
        }
    }

    static let whole = networks(side: 227)
    static let small = networks(side: 67)

    @Test func krizhevskysNetworkHasTheShapesOfThePaper() throws {
        let architecture = try Architecture.alexNet(bits: 48, classes: 10)
        var shapes: [String] = []
        for shape in architecture.outputShapes.map(\.description) where shapes.last != shape { shapes.append(shape) }
        #expect(
            shapes == [
                "96x55x55", "96x27x27", "256x27x27", "256x13x13", "384x13x13", "256x13x13", "256x6x6", "4096x1x1",
                "58x1x1",
            ])
        // These seven layers have 56,868,224 of what is 60,965,224 with the thousand classes of the paper.
        let weights = [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312]
        #expect(weights.reduce(0, +) + 58 * 4097 == weightCount(architecture))
    }

    @Test func networkInNetworkHasTheShapesOfTable1() throws {
        let architecture = try Architecture.networkInNetwork(bits: 48)
        var shapes: [String] = []
        for shape in architecture.outputShapes.map(\.description) where shapes.last != shape { shapes.append(shape) }
        #expect(
            shapes == [
                "96x54x54", "96x27x27", "256x27x27", "256x13x13", "384x13x13", "384x6x6", "1024x6x6", "2400x6x6",
                "2400x1x1", "48x1x1",
            ])
        #expect(weightCount(architecture) == 7_760_080)
    }

    @Test func namesRebuildLargeNetworks() throws {
        let whole = try [
            Architecture.alexNet(bits: 48), .alexNet(bits: 12, classes: 7), .networkInNetwork(bits: 32),
            .networkInNetwork(bits: 32, fullConnection: true),
        ]
        for architecture in whole + Self.small {
            #expect(architecture.widths.isEmpty == whole.contains(architecture))
            let description = ModelDescription(architecture, preprocessing: HashModelTests.cifar)
            let read = try ModelDescription(WeightFile(tensors: [:], metadata: description.metadata))
            let rebuilt = try Architecture.named(
                read.architecture, bits: read.bits, classes: read.classes, input: read.input, widths: read.widths)
            #expect(rebuilt == architecture)
        }
        for widths in [[], [8], [8, 16, 12, 20, 7, 24, 20], [8, 16, 12, 20, 8, 24, 0]] {
            #expect(throws: HashNetsError.self) { try Architecture.alexNet(bits: 4, widths: widths) }
            #expect(throws: HashNetsError.self) { try Architecture.networkInNetwork(bits: 4, widths: widths) }
        }
        let tiny = ImageShape(channels: 3, height: 32, width: 32)
        #expect(throws: HashNetsError.self) { try Architecture.alexNet(bits: 4, input: tiny) }
    }

    /// Groups see their own slice alone: the weights of each are those of a convolution of that slice.
    @Test(arguments: [Network.Backend.automatic, .reference])
    func groupsAreConvolutionsOfSlices(_ backend: Network.Backend) throws {
        func network(channels: Int, filters: Int, groups: Int) throws -> Network {
            let architecture = try Architecture(
                name: "groups", bits: 1, classes: 0, input: ImageShape(channels: channels, height: 5, width: 6),
                layers: [.convolution(.init("c", filters: filters, size: 3, padding: 1, groups: groups, deviation: 1))])
            return try Network(architecture, batch: 1, backend: backend, seed: 4)
        }
        let grouped = try network(channels: 6, filters: 10, groups: 2)
        let tensors = try grouped.tensors()
        let weight = try #require(tensors["c.weight"])
        #expect(weight.shape == [10, 3, 3, 3])
        let images = normals(6 * 30, seed: 3).map { Float($0) }
        let values = try grouped.forward(images)
        for group in 0..<2 {
            let slice = try network(channels: 3, filters: 5, groups: 1)
            try slice.load([
                "c.weight": Tensor(
                    shape: [5, 3, 3, 3], values: Array(weight.values[group * 135..<(group + 1) * 135])),
                "c.bias": Tensor(zeros: [5]),
            ])
            let alone = try slice.forward(Array(images[group * 90..<(group + 1) * 90]))
            #expect(relativeDifference(Array(values[group * 150..<(group + 1) * 150]), alone) < 1e-6)
        }
    }

    /// The formula as it stands in the paper, a value at a time.
    @Test(arguments: [Network.Backend.automatic, .reference])
    func responsesAreNormalisedAsInThePaper(_ backend: Network.Backend) throws {
        let (channels, area) = (11, 12)
        let architecture = try Architecture(
            name: "lrn", bits: 1, classes: 0, input: ImageShape(channels: channels, height: 3, width: 4),
            layers: [.crossChannelNormalization(size: 5, alpha: 0.01, beta: 0.75, offset: 2)])
        let images = normals(channels * area, seed: 8).map { 5 * Float($0) }
        let values = try Network(architecture, batch: 1, backend: backend).forward(images)
        for channel in 0..<channels {
            for place in 0..<area {
                let sum = (max(0, channel - 2)...min(channels - 1, channel + 2)).reduce(0.0) {
                    $0 + pow(Double(images[$1 * area + place]), 2)
                }
                let expected = Double(images[channel * area + place]) / pow(2 + 0.01 * sum, 0.75)
                #expect(abs(Double(values[channel * area + place]) - expected) < 1e-5)
            }
        }
    }

    /// In the numbers of channels that fast kernels are made for.
    @Test(.enabled(if: hasFastBackend, "needs oneDNN")) func newLayersAgreeAtTheirTrueWidths() throws {
        func architecture(_ first: Int, _ layers: [Architecture.Layer]) throws -> Architecture {
            try Architecture(
                name: "two layers", bits: 1, classes: 0, input: ImageShape(channels: 3, height: 9, width: 10),
                layers: [.convolution(.init("first", filters: first, size: 3, padding: 1, deviation: 1))] + layers)
        }
        let normalization = Architecture.Layer.crossChannelNormalization(size: 5, alpha: 1e-4, beta: 0.75, offset: 2)
        let strong = Architecture.Layer.crossChannelNormalization(size: 5, alpha: 0.1, beta: 0.75, offset: 2)
        for layers in [
            [normalization], [strong],
            [.convolution(.init("c", filters: 64, size: 5, padding: 2, groups: 2, deviation: 1)), .rectifier, strong],
        ] {
            let architecture = try architecture(96, layers)
            try expectAgreement(architecture, tolerance: 1e-5)
            try expectAgreement(architecture, arithmetic: .mixed, tolerance: 0.1)
        }
    }

    /// Logits agree to 1e-5. Rounding may send the gradient of a value near a kink elsewhere, and with few filters one such
    /// value weighs much, hence the tolerance of gradients.
    @Test(.enabled(if: hasFastBackend, "needs oneDNN"), arguments: whole)
    func narrowNetworksAgreeAtTheirTrueSize(_ architecture: Architecture) throws {
        try expectAgreement(architecture, tolerance: 5e-2)
    }

    @Test(arguments: small) func gradientEqualsFiniteDifferences(_ architecture: Architecture) throws {
        #expect(largestGradientError(architecture, batch: 1, seed: 4, deviation: 0.1, samples: 4) < 1e-6)
    }

    /// The published widths, which take minutes and two gigabytes; they run where HASHDB_LONG_TESTS is 1.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["HASHDB_LONG_TESTS"] == "1"),
        .enabled(if: hasFastBackend, "needs oneDNN"), arguments: [false, true])
    func publishedNetworksAgree(isTriplet: Bool) throws {
        try expectAgreement(
            isTriplet ? .networkInNetwork(bits: 48) : .alexNet(bits: 48, classes: 10), tolerance: 5e-2)
    }

    private func weightCount(_ architecture: Architecture) -> Int {
        ReferenceNetwork<Float>(architecture).parameters.reduce(0) { $0 + $1.count }
    }
}
