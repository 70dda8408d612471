import HashNets
import Testing

/// What batch normalisation keeps beside its parameters, with both backends and with lanes.
@Suite struct BatchNormalizationTests {
    private static let backends = [Network.Backend.automatic, .reference]

    private func residual(_ input: ImageShape = ImageShape(channels: 3, height: 16, width: 16)) throws -> Architecture {
        try .residual(bits: 6, classes: 3, input: input, widths: [8, 16, 24, 32])
    }

    private func images(_ architecture: Architecture, batch: Int, seed: UInt64) -> [Float] {
        normals(batch * architecture.input.count, seed: seed).map { Float($0) * 2 + 0.5 }
    }

    /// Mean and variance of one of 2 channels of 12 values in 5 images.
    private func moments(_ values: [Float], channel: Int) -> (mean: Float, variance: Float) {
        var own: [Float] = []
        for image in 0..<5 {
            let start = (image * 2 + channel) * 12
            own += values[start..<start + 12]
        }
        let mean: Float = own.reduce(0, +) / 60
        let squares: Float = own.reduce(0) { sum, value in sum + (value - mean) * (value - mean) }
        return (mean, squares / 60)
    }

    @Test(arguments: backends) func averagesMoveATenthOfTheWayToTheBatch(_ backend: Network.Backend) throws {
        let input = ImageShape(channels: 2, height: 3, width: 4)
        let architecture = try Architecture(
            name: "norm", bits: 1, classes: 0, input: input, layers: [.batchNormalization(.init("n"))])
        let network = try Network(architecture, batch: 5, training: true, backend: backend, threads: 1)
        let values = images(architecture, batch: 5, seed: 1)
        let normalized = try network.forward(values)
        for channel in 0..<2 {
            let (mean, variance) = moments(values, channel: channel)
            let tensors = try network.tensors()
            #expect(abs((tensors["n.running_mean"]?.values[channel] ?? 0) - 0.1 * mean) < 1e-5)
            let expected = 0.9 + 0.1 * variance * 60 / 59
            #expect(abs((tensors["n.running_var"]?.values[channel] ?? 0) - expected) < 1e-4)
            let after = moments(normalized, channel: channel)
            #expect(abs(after.mean) < 1e-5 && abs(after.variance - 1) < 1e-3)
        }
        network.updatesStatistics = false
        let before = try network.tensors()
        _ = try network.forward(values)
        #expect(try network.tensors() == before)
    }

    @Test func averagesDoNotDependOnTheLanesInTheFirstLayer() throws {
        let architecture = try Architecture(
            name: "norm", bits: 1, classes: 0, input: ImageShape(channels: 3, height: 6, width: 6),
            layers: [.batchNormalization(.init("n")), .rectifier])
        let values = images(architecture, batch: 32, seed: 2)
        let tensors = try [1, 2].map { threads in
            let network = try Network(architecture, batch: 32, training: true, threads: threads)
            _ = try network.forward(values)
            return try network.tensors()
        }
        for name in ["n.running_mean", "n.running_var"] {
            let (one, two) = (try #require(tensors[0][name]), try #require(tensors[1][name]))
            #expect(relativeDifference(one.values, two.values) < 1e-5)
        }
    }

    @Test func lanesComputeTheirPartsAndSumTheirGradients() throws {
        let architecture = try residual()
        let lanes = try Network(architecture, batch: 32, training: true, seed: 3, threads: 2)
        let values = images(architecture, batch: 32, seed: 4)
        let direction = normals(32 * architecture.outputs, seed: 5).map { Float($0) }
        let logits = try lanes.forward(values)
        try lanes.backward(direction)
        var sums: [[Float]] = []
        for part in 0..<2 {
            let half = try Network(architecture, batch: 16, training: true, seed: 3, threads: 1)
            let own = try half.forward(Array(values[part * values.count / 2..<(part + 1) * values.count / 2]))
            #expect(own == Array(logits[part * own.count..<(part + 1) * own.count]))
            try half.backward(Array(direction[part * own.count..<(part + 1) * own.count]))
            let gradients = try half.parameters.map { try $0.gradients() }
            sums = sums.isEmpty ? gradients : zip(sums, gradients).map { zip($0, $1).map(+) }
        }
        for (parameter, sum) in zip(lanes.parameters, sums) { #expect(try parameter.gradients() == sum) }
    }

    @Test(arguments: [1, 2]) func equalTrainingsGiveEqualStatistics(threads: Int) throws {
        let architecture = try residual()
        let runs = try (0..<2).map { _ in
            let network = try Network(architecture, batch: 16, training: true, seed: 6, threads: threads)
            for step in 0..<3 as Range<UInt64> { _ = try network.forward(images(architecture, batch: 16, seed: step)) }
            return try network.tensors()
        }
        #expect(runs[0] == runs[1])
    }

    @Test(arguments: [ImageShape(channels: 3, height: 32, width: 32), ImageShape(channels: 1, height: 28, width: 28)])
    func inferenceTakesTheAveragesWithBothBackends(_ input: ImageShape) throws {
        let tensors = try trained(residual(input))
        let values = images(try residual(input), batch: 3, seed: 8)
        let logits = try Self.backends.map { backend in
            let network = try Network(residual(input), batch: 3, backend: backend, threads: 1)
            try network.load(tensors)
            return try network.forward(values)
        }
        #expect(relativeDifference(logits[0], logits[1]) < 1e-5)
        let alone = try Network(residual(input), batch: 1, threads: 1)
        try alone.load(tensors)
        let first = try alone.forward(Array(values[..<input.count]))
        #expect(
            relativeDifference(first, Array(logits[0][..<first.count])) < 1e-5, "images do not depend on neighbours")
    }

    @Test func weightFilesHoldTheAverages() throws {
        let architecture = try residual()
        var tensors = try trained(architecture)
        let description = ModelDescription(architecture, preprocessing: HashModelTests.cifar)
        func model() throws -> HashModel {
            let file = WeightFile(tensors: tensors, metadata: description.metadata)
            return try HashModel(WeightFile(bytes: file.bytes(precision: .float16), path: "memory"))
        }
        var generator = SeededGenerator(seed: 9)
        let pixels = (0..<40 * architecture.input.count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        tensors["norm1.running_var"]?.values[0] = 1e9  // beyond half precision
        tensors["norm1.running_mean"]?.values[0] = 1e-9
        let half = try WeightFile(tensors: tensors, metadata: [:]).bytes(precision: .float16)
        for name in ["norm1.running_var", "norm1.running_mean"] {
            #expect(try WeightFile(bytes: half, path: "memory").tensors[name] == tensors[name])
        }
        #expect(Set(try model().encode(pixels: pixels, count: 40)).count > 1)
        tensors["norm3b.running_var"] = nil
        #expect(throws: HashNetsError.tensorMissing(path: "memory", tensor: "norm3b.running_var")) { try model() }
    }

    /// Tensors with averages, scales and shifts unlike those at the start.
    private func trained(_ architecture: Architecture) throws -> [String: Tensor] {
        let network = try Network(architecture, batch: 8, training: true, seed: 7, threads: 1)
        for (index, parameter) in network.parameters.enumerated() where parameter.role != .weight {
            let noise = normals(parameter.count, seed: UInt64(index))
            let start: Float = parameter.role == .scale ? 1 : 0
            try parameter.setValues(noise.map { start + 0.3 * Float($0) })
        }
        for step in 0..<20 as Range<UInt64> {
            _ = try network.forward(images(architecture, batch: 8, seed: 100 + step))
        }
        return try network.tensors()
    }
}
