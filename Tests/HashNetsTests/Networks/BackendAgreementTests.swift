import HashNets
import Testing

/// The fast backend computes what the reference computes, to single precision. What compares the two needs oneDNN: without it
/// they are the same.
@Suite struct BackendAgreementTests {
    static let architectures: [Architecture] = making {
        let grey = ImageShape(channels: 1, height: 28, width: 28)
        let small = ImageShape(channels: 3, height: 12, width: 12)
        return try [
            Architecture.cnnh(bits: 12, input: grey), .cnnhPlus(bits: 24, classes: 10), .dnnh(bits: 12, input: small),
            .dnnh(bits: 3, input: small, fullConnection: true),
        ]
    }

    /// With batch normalisation, what a network computes depends on how the batch is divided.
    static let normalized: [Architecture] = making {
        [try Architecture.residual(bits: 12, classes: 10, widths: [24, 48, 40, 32])]
    }

    /// Rounding may send the gradient of a value near a kink elsewhere, hence the tolerance, but not for all images; layers alone agree to 1e-5.
    @Test(.enabled(if: hasFastBackend, "needs oneDNN"), arguments: architectures + normalized)
    func networksAgree(_ architecture: Architecture) throws {
        try expectAgreement(architecture, seeds: [106, 107, 108], tolerance: 1e-2)
    }

    @Test(.enabled(if: hasFastBackend, "needs oneDNN"), arguments: ReferenceGradientTests.layers)
    func layersAgree(_ layer: Architecture.Layer) throws {
        // The first layer has no gradient by its input, so the layer in question is the second.
        let architecture = try Architecture(
            name: "two layers", bits: 1, classes: 0, input: ImageShape(channels: 3, height: 9, width: 10),
            layers: [
                .convolution(.init("first", filters: 20, size: 3, padding: 1, hasBias: false, deviation: 1)), layer,
            ])
        try expectAgreement(architecture, tolerance: 1e-5)
        try expectAgreement(architecture, arithmetic: .mixed, tolerance: 0.06)
    }

    @Test(arguments: architectures) func inferencePlanAgreesWithTrainingPlan(_ architecture: Architecture) throws {
        let training = try Network(architecture, batch: 3, training: true, seed: 8, threads: 1)
        let inference = try Network(architecture, batch: 3, seed: 9, threads: 1)
        try inference.load(training.tensors())
        training.dropsValues = false
        let images = normals(3 * architecture.input.count, seed: 10).map { Float($0) }
        #expect(relativeDifference(try inference.forward(images), try training.forward(images)) < 1e-5)
    }

    @Test(.enabled(if: hasFastBackend, "needs oneDNN"), arguments: architectures)
    func lanesComputeWhatOneNetworkComputes(_ architecture: Architecture) throws {
        let one = try Network(architecture, batch: 32, training: true, seed: 15, threads: 1)
        let lanes = try Network(architecture, batch: 32, training: true, seed: 15, threads: 3)  // 2 divide the batch
        let images = normals(32 * architecture.input.count, seed: 16).map { Float($0) }
        let direction = normals(32 * architecture.outputs, seed: 17).map { Float($0) }
        for network in [one, lanes] { network.dropsValues = false }
        for _ in 0..<2 {
            #expect(relativeDifference(try lanes.forward(images), try one.forward(images)) < 1e-5)
            try one.backward(direction)
            try lanes.backward(direction)
            try expectEqualParameters(lanes, one)
            #expect(try gradientDifferences(lanes, one).allSatisfy { $0 < 1e-2 })
            // All lanes see a change of the values.
            for (parameter, other) in zip(one.parameters, lanes.parameters) {
                let changed = try parameter.values().map { $0 * 1.01 + 0.001 }
                try parameter.setValues(changed)
                try other.setValues(changed)
            }
        }
    }

    /// Inference converts and folds weights once; after a change it must do so again, for all lanes.
    @Test(arguments: architectures + normalized) func inferenceSeesChangesOfWeights(
        _ architecture: Architecture
    ) throws {
        let images = normals(16 * architecture.input.count, seed: 19).map { Float($0) }
        for arithmetic in [Network.Arithmetic.single, .mixed] {
            let network = try Network(architecture, batch: 16, seed: 18, arithmetic: arithmetic, threads: 2)
            let before = try network.forward(images)
            for parameter in network.parameters { try parameter.setValues(parameter.values().map { $0 * 1.5 + 0.01 }) }
            let fresh = try Network(architecture, batch: 16, seed: 20, arithmetic: arithmetic, threads: 2)
            try fresh.load(network.tensors())
            let after = try network.forward(images)
            #expect(after == (try fresh.forward(images)))
            #expect(after != before)
        }
    }

    /// Working memory is the network's own: the library's would go with the networks that are freed on its thread.
    @Test(.enabled(if: hasFastBackend, "needs oneDNN")) func networksMayBeFreedOnAnyThread() throws {
        let architecture = try Architecture(
            name: "groups", bits: 1, classes: 0, input: ImageShape(channels: 12, height: 5, width: 6),
            layers: [.convolution(.init("c", filters: 6, size: 3, padding: 1, groups: 2, deviation: 1))])
        let (one, other) = (ComputeThread(), ComputeThread())
        let network = try one.run { try Network(architecture, batch: 4, training: true, seed: 1, threads: 1) }
        var strangers = try other.run {
            try (0..<3).map { try Network(architecture, batch: 4, training: true, seed: $0, threads: 1) }
        }
        let images = normals(4 * architecture.input.count, seed: 2).map { Float($0) }
        let expected = try Network(architecture, batch: 4, backend: .reference, seed: 1).forward(images)
        while !strangers.isEmpty {
            one.run { _ = strangers.popLast() }
            #expect(relativeDifference(try one.run { try network.forward(images) }, expected) < 1e-6)
        }
    }

    /// bfloat16 has 8 bits of precision: values near the kinks of rectifiers and poolings fall to the other side often,
    /// so gradients of whole random networks agree in direction only. Where the CPU has no bfloat16 both are the same.
    @Test(.enabled(if: hasFastBackend, "needs oneDNN"), arguments: architectures + normalized)
    func mixedPrecisionStaysClose(_ architecture: Architecture) throws {
        let single = try Network(architecture, batch: 4, training: true, seed: 12, threads: 1)
        let mixed = try Network(architecture, batch: 4, training: true, seed: 12, arithmetic: .mixed, threads: 1)
        single.dropsValues = false
        mixed.dropsValues = false
        let images = normals(4 * architecture.input.count, seed: 13).map { Float($0) }
        let direction = normals(4 * architecture.outputs, seed: 14).map { Float($0) }
        #expect(relativeDifference(try mixed.forward(images), try single.forward(images)) < 0.03)
        try mixed.backward(direction)
        try single.backward(direction)
        try expectEqualParameters(mixed, single)
        #expect(try gradientDifferences(mixed, single).allSatisfy { $0 < 0.5 })
    }

    @Test(arguments: [Network.Arithmetic.single, .mixed]) func dropoutDropsHalfAndKeepsTheMean(
        _ arithmetic: Network.Arithmetic
    ) throws {
        // The convolution hands on one input unchanged, so that dropout acts on the type that convolutions give.
        let input = ImageShape(channels: 1, height: 20, width: 20)
        let architecture = try Architecture(
            name: "dropout", bits: 400, classes: 0, input: input,
            layers: [.convolution(.init("one", filters: 1, size: 1, deviation: 1)), .dropout(rate: 0.5)])
        for backend in [Network.Backend.automatic, .reference] {
            let network = try Network(
                architecture, batch: 50, training: true, backend: backend, arithmetic: arithmetic, threads: 2)
            try network.load([
                "one.weight": Tensor(shape: [1, 1, 1, 1], values: [1]), "one.bias": Tensor(shape: [1], values: [0]),
            ])
            let ones = [Float](repeating: 1, count: 20_000)
            let values = try network.forward(ones)
            #expect(Set(values) == [0, 2])
            #expect(abs(values.reduce(0, +) / 20_000 - 1) < 0.03)
            #expect(try network.forward(ones) != values, "every pass draws anew")
            network.dropsValues = false
            #expect(try network.forward(ones) == ones)
        }
    }
}

/// Whether the automatic backend is another than the reference.
let hasFastBackend: Bool = making {
    let architecture = try Architecture(
        name: "probe", bits: 1, classes: 0, input: ImageShape(channels: 3, height: 9, width: 10),
        layers: [.convolution(.init("c", filters: 20, size: 3, padding: 1, deviation: 1))])
    let network = try Network(architecture, batch: 1, threads: 1)
    return try network.engineName != Network(architecture, batch: 1, backend: .reference).engineName
}

/// What tests are made of. A test whose arguments are missing would pass unseen, so an error ends the run.
func making<Value>(_ make: () throws -> Value) -> Value {
    do { return try make() } catch { fatalError("\(error)") }
}

/// Both backends give nearly equal logits and gradients.
func expectAgreement(
    _ architecture: Architecture, arithmetic: Network.Arithmetic = .single, seeds: [UInt64] = [106], tolerance: Float
) throws {
    let batch = 2
    let fast = try Network(
        architecture, batch: batch, training: true, seed: 5, arithmetic: arithmetic, threads: 1)
    let reference = try Network(
        architecture, batch: batch, training: true, backend: .reference, seed: 5, threads: 1)
    fast.dropsValues = false
    reference.dropsValues = false
    let direction = normals(batch * architecture.outputs, seed: 7).map { Float($0) }
    try expectEqualParameters(fast, reference)
    var least = [Float](repeating: .infinity, count: fast.parameters.count)
    for seed in seeds {
        let images = normals(batch * architecture.input.count, seed: seed).map { Float($0) }
        let logits = relativeDifference(try fast.forward(images), try reference.forward(images))
        #expect(logits < min(tolerance, arithmetic == .single ? 1e-5 : 0.02))
        try fast.backward(direction)
        try reference.backward(direction)
        least = try zip(least, gradientDifferences(fast, reference)).map { min($0, $1) }
    }
    for (parameter, difference) in zip(fast.parameters, least) {
        #expect(difference < tolerance, "\(architecture.name) \(parameter.name)")
    }
}

/// Same names, shapes and values.
func expectEqualParameters(_ network: Network, _ other: Network) throws {
    #expect(network.parameters.map(\.name) == other.parameters.map(\.name))
    for (one, other) in zip(network.parameters, other.parameters) {
        #expect(one.shape == other.shape)
        #expect(try one.values() == other.values(), "equal seeds give equal weights: \(one.name)")
    }
}

/// For each parameter.
func gradientDifferences(_ network: Network, _ other: Network) throws -> [Float] {
    try zip(network.parameters, other.parameters).map { relativeDifference(try $0.gradients(), try $1.gradients()) }
}

/// Root of the summed squared differences relative to that of the values.
func relativeDifference(_ one: [Float], _ other: [Float]) -> Float {
    guard one.count == other.count else { return .infinity }
    let scale = other.reduce(Float.leastNormalMagnitude) { $0 + $1 * $1 }
    return (zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / scale).squareRoot()
}
