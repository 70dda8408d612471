import HashNets
import Testing

/// Inference, which folds normalisations into weights, adds sums in place and shares buffers among layers, computes
/// what the reference computes layer by layer.
@Suite struct InferenceTests {
    private typealias Layer = Architecture.Layer

    private static func convolution(_ name: String, _ filters: Int = 20, size: Int = 3, hasBias: Bool = false) -> Layer
    {
        .convolution(
            .init(name, filters: filters, size: size, padding: size / 2, hasBias: hasBias, deviation: 1))
    }

    private static func grouped(_ name: String, _ filters: Int, groups: Int) -> Layer {
        .convolution(
            .init(name, filters: filters, size: 3, padding: 1, groups: groups, hasBias: false, deviation: 1))
    }

    private static func normalization(_ name: String, channels: Int? = nil) -> Layer {
        .batchNormalization(.init(name, channels: channels))
    }

    static let stacks: [[Architecture.Layer]] = {
        let start = [convolution("first"), normalization("firstn"), .rectifier]
        let head = Architecture.Head("a", outputs: 5, hasBias: false, deviation: 1)
        let other = Architecture.Head("b", outputs: 3, deviation: 1)
        return [
            [convolution("c", hasBias: true), normalization("n")],
            [convolution("c", hasBias: true), normalization("n", channels: 7), .rectifier],
            [convolution("c", size: 1), normalization("n"), normalization("m"), .rectifier],
            [normalization("n"), .rectifier, convolution("c"), normalization("m"), .dropout(rate: 0.5), .rectifier],
            [.innerProduct([head, other]), normalization("n", channels: 5)],
            start + [.innerProduct([head]), normalization("n"), .rectifier],
            start + [.innerProduct([other, head]), normalization("n", channels: 4), .rectifier],
            start + [.residual([convolution("c"), normalization("n"), .rectifier])],
            start + [.residual([convolution("c"), .rectifier, convolution("d"), normalization("n"), .rectifier])],
            start + [.residual([convolution("c"), convolution("d", hasBias: true)]), .rectifier],
            start + [.residual([convolution("c"), convolution("d"), .dropout(rate: 0.1)]), convolution("e")],
            start + [.residual([.dropout(rate: 0.3)]), .residual([.rectifier]), .residual([normalization("n")])],
            start + [
                .residual([convolution("c"), .residual([convolution("d"), normalization("n"), convolution("e")])]),
                .globalMaximumPooling,
            ],
            start + [
                .residual([.residual([convolution("c"), convolution("d")]), convolution("e"), convolution("f")])
            ],
            [.residual([convolution("c", 3), normalization("n"), convolution("d", 3)]), .globalAveragePooling],
            start + [grouped("c", 24, groups: 4), normalization("n"), .rectifier, grouped("d", 32, groups: 8)],
            start + [.residual([grouped("c", 20, groups: 2), normalization("n", channels: 9), .rectifier])],
            start + [
                .residual([convolution("c"), grouped("d", 20, groups: 2), normalization("n")]), convolution("e"),
            ],
            start + [
                .pooling(.maximum, size: 2, stride: 2), convolution("c", 40), .rectifier, convolution("d", 30),
                .pooling(.average, size: 3, stride: 2), convolution("e", 50), .innerProduct([head]),
            ],
        ]
    }()

    @Test(.enabled(if: hasFastBackend, "needs oneDNN"), arguments: stacks.indices)
    func equalsTheReference(_ stack: Int) throws {
        let architecture = try architecture(stack)
        let tensors = try tensors(architecture, seed: 1)
        let images = images(architecture, batch: 16)
        let reference = try Network(architecture, batch: 16, backend: .reference)
        try reference.load(tensors)
        let expected = try reference.forward(images)
        for threads in [1, 2] {
            let network = try Network(architecture, batch: 16, seed: 2, threads: threads)
            try network.load(tensors)
            for _ in 0..<2 { #expect(relativeDifference(try network.forward(images), expected) < 1e-5) }
            #expect(try network.tensors() == tensors, "networks give back what was learnt, not what they made of it")
            #expect(network.parameters.map(\.name) == reference.parameters.map(\.name))
        }
    }

    @Test(arguments: [1, 2]) func changesOfAnyTensorAreSeen(threads: Int) throws {
        let architecture = try Architecture.residual(
            bits: 6, classes: 3, input: ImageShape(channels: 3, height: 16, width: 16), widths: [8, 16, 24, 32])
        let images = images(architecture, batch: 16)
        let network = try Network(architecture, batch: 16, threads: threads)
        var last: [Float] = []
        for round in 0..<3 as Range<UInt64> {
            let tensors = try tensors(architecture, seed: round)
            try network.load(tensors)
            let fresh = try Network(architecture, batch: 16, threads: threads)
            try fresh.load(tensors)
            let logits = try network.forward(images)
            #expect(logits == (try fresh.forward(images)) && logits != last)
            last = logits
        }
        for tensor in network.parameters + network.statistics {
            try tensor.setValues(tensor.values().map { $0 * 1.5 + 0.01 })
            let logits = try network.forward(images)
            #expect(logits != last, "\(tensor.name)")
            last = logits
        }
    }

    @Test(.enabled(if: hasFastBackend, "needs oneDNN")) func normalizationsAndSumsLeaveNoStepsOfTheirOwn() throws {
        let network = try Network(Architecture.residual(bits: 48, classes: 10), batch: 1, threads: 1)
        try #require(!network.kernels.isEmpty)
        for step in network.kernels {
            #expect(!step.contains("normalisation") && !step.contains("own code"))
        }
        // The sum of the last block, whose convolutions are direct behind transformed ones, and add in another layout only. Kernels for
        // AVX2, none of which is transformed, add nothing behind a rectifier.
        let isTransformed = network.kernels.contains { $0.contains("wino") }
        #expect(network.kernels.count { $0.contains("addition") } <= (isTransformed ? 1 : 3))
    }

    private func architecture(_ stack: Int) throws -> Architecture {
        try Architecture(
            name: "stack \(stack)", bits: 1, classes: 0, input: ImageShape(channels: 3, height: 9, width: 10),
            layers: Self.stacks[stack])
    }

    private func images(_ architecture: Architecture, batch: Int) -> [Float] {
        normals(batch * architecture.input.count, seed: 3).map { Float($0) }
    }

    /// Random tensors with positive variances.
    private func tensors(_ architecture: Architecture, seed: UInt64) throws -> [String: Tensor] {
        let network = try Network(architecture, batch: 1, backend: .reference, seed: seed)
        for (index, tensor) in (network.parameters + network.statistics).enumerated() where tensor.role != .weight {
            let noise = normals(tensor.count, seed: 100 * seed + UInt64(index)).map { 0.3 * Float($0) }
            try tensor.setValues(tensor.name.hasSuffix("running_var") ? noise.map { 0.5 + $0 * $0 } : noise)
        }
        return try network.tensors()
    }
}
