import HashNets
import Testing

@Suite struct HashModelTests {
    static let cifar = Preprocessing(mean: [0.4914, 0.4822, 0.4465], deviation: [0.2471, 0.2435, 0.2616])

    @Test func metadataRebuildsTheDescription() throws {
        let preprocessing = Preprocessing(scale: 0.1, mean: [1.25], deviation: [0.3])
        let grey = ImageShape(channels: 1, height: 28, width: 30)
        for description in [
            ModelDescription(try .cnnhPlus(bits: 12, classes: 10), preprocessing: Self.cifar),
            ModelDescription(try .dnnh(bits: 48, fullConnection: true), preprocessing: Self.cifar),
            ModelDescription(try .cnnh(bits: 7, input: grey), preprocessing: preprocessing),
            ModelDescription(try .residual(bits: 9, classes: 3, widths: [8, 16, 24, 32]), preprocessing: Self.cifar),
        ] {
            let file = WeightFile(tensors: [:], metadata: description.metadata)
            #expect(try ModelDescription(file) == description)
        }
    }

    @Test func codesAreTheSignsOfTheLogits() throws {
        let file = try networkFile()
        let model = try HashModel(file)
        #expect(model.name == "cnnh+32, 12 bits")
        #expect(model.bitCount == 12 && model.codeBytes == 2)
        #expect(model.input == Self.input)

        let images = 37  // no multiple of the batch
        let pixels = randomPixels(images * model.input.count, seed: 1)
        let codes = try model.encode(pixels: pixels, count: images)
        #expect(codes.count == images * 2)

        let network = try Network(Self.architecture(), batch: 1, backend: .reference)
        try network.load(file.tensors)
        for image in 0..<images {
            let part = pixels[image * model.input.count..<(image + 1) * model.input.count]
            let logits = try network.forward(normalized(Array(part), shape: model.input))
            for bit in 0..<12 where abs(logits[bit]) > 1e-3 {
                #expect((codes[image * 2 + bit / 8] >> UInt8(bit % 8) & 1 == 1) == (logits[bit] > 0))
            }
            #expect(codes[image * 2 + 1] >> 4 == 0, "padding bits are zero")
            #expect(try model.encode(pixels: Array(part), count: 1) == Array(codes[image * 2..<image * 2 + 2]))
        }
        #expect(Set(codes).count > 4, "different images have different codes")
        #expect(try model.encode(pixels: [], count: 0).isEmpty)
    }

    @Test func briefArithmeticChangesFewBits() throws {
        let file = try networkFile()
        let pixels = randomPixels(60 * Self.input.count, seed: 3)
        let codes = try HashModel(file).encode(pixels: pixels, count: 60)
        let brief = try HashModel(file, arithmetic: .bfloat16).encode(pixels: pixels, count: 60)
        let changed = zip(codes, brief).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
        #expect(changed < 60 * 12 / 20)
        #expect(try HashModel(file, arithmetic: .bfloat16).encode(pixels: pixels, count: 60) == brief)
    }

    @Test func refusesPixelsThatDoNotFit() throws {
        let model = try HashModel(networkFile())
        let size = model.input.count
        #expect(throws: HashNetsError.pixelCount(expected: size, found: size - 1)) {
            try model.encode(pixels: [UInt8](repeating: 0, count: size - 1), count: 1)
        }
        #expect(throws: HashNetsError.self) { try model.encode(pixels: [], count: -1) }
        #expect(throws: HashNetsError.self) { try model.encode(pixels: [], count: .max) }
    }

    @Test func fingerprintDependsOnAllThatDecidesCodes() throws {
        let file = try networkFile()
        let fingerprint = try HashModel(file).fingerprint
        #expect(fingerprint.count == 32 && fingerprint.allSatisfy(\.isHexDigit))
        #expect(try HashModel(file).fingerprint == fingerprint)

        var trained = file
        trained.metadata["train"] = "seed 1, 3 epochs"
        #expect(try HashModel(trained).fingerprint == fingerprint, "provenance decides no codes")

        var weights = file
        weights.tensors["fc.bias"]?.values[3] += 1e-3
        var mean = file
        mean.metadata["mean"] = "0.4914,0.4822,0.4464"
        for other in [weights, mean] {
            #expect(try HashModel(other).fingerprint != fingerprint)
        }
    }

    @Test func namesTensorsThatDoNotFit() throws {
        var missing = try networkFile()
        missing.tensors["conv2.weight"] = nil
        #expect(throws: HashNetsError.tensorMissing(path: "memory", tensor: "conv2.weight")) { try HashModel(missing) }

        var shape = try networkFile()
        shape.tensors["code.bias"] = Tensor(zeros: [13])
        #expect(
            throws: HashNetsError.tensorShape(path: "memory", tensor: "code.bias", expected: [12], found: [13])
        ) { try HashModel(shape) }

        var stranger = try networkFile()
        stranger.tensors["conv9.weight"] = Tensor(zeros: [1])
        #expect(throws: HashNetsError.tensorUnexpected(path: "memory", tensor: "conv9.weight")) {
            try HashModel(stranger)
        }
    }

    @Test(
        arguments: [
            ("arch", nil), ("bits", "0"), ("bits", "1025"), ("bits", "x"), ("classes", "-1"), ("input", "3x16"),
            ("input", "2x16x16"), ("input", "3x016x16"), ("color", "BGR"), ("scale", "0"), ("scale", "nan"),
            ("mean", "1,2"), ("mean", "1,2,"), ("std", "1,1,0"), ("threshold", "0.5"),
        ] as [(String, String?)])
    func namesMetadataThatMakesNoSense(key: String, value: String?) throws {
        var file = try networkFile()
        file.metadata[key] = value
        do {
            _ = try HashModel(file)
            Issue.record("accepted \(key) = \(value ?? "nothing")")
        } catch HashNetsError.metadataInvalid(_, let found, _) {
            #expect(found == key)
        }
    }

    @Test func namesUnknownArchitectures() throws {
        var file = try networkFile()
        file.metadata["arch"] = "resnet-1000"
        #expect(throws: HashNetsError.unknownArchitecture(path: "memory", name: "resnet-1000")) {
            try HashModel(file)
        }
        file.metadata["arch"] = "cnnh32"
        file.metadata["classes"] = "0"
        file.metadata["input"] = "3x4x4"
        #expect(throws: HashNetsError.self, "four pixels are too few for three poolings") { try HashModel(file) }
    }

    /// Label outputs are cut out of a network's by their number in the file.
    @Test func classesAreThoseThatTheArchitectureHas() throws {
        func file(_ architecture: Architecture) throws -> WeightFile {
            let network = try Network(architecture, batch: 1, seed: 1)
            return WeightFile(
                tensors: try network.tensors(),
                metadata: ModelDescription(architecture, preprocessing: Self.cifar).metadata)
        }
        for architecture in [try Architecture.cnnh(bits: 12, input: Self.input), try .dnnh(bits: 4)] {
            var file = try file(architecture)
            #expect(try HashModel(file).labelCount == 0)
            file.metadata["classes"] = "10"
            #expect(throws: HashNetsError.self) { try HashModel(file) }
        }
        let description = ModelDescription(
            architecture: "lsh", bits: 1, classes: 2, input: ImageShape(channels: 1, height: 1, width: 2),
            preprocessing: Preprocessing(scale: 1, mean: [0], deviation: [1]))
        let tensors = [
            "projection.weight": Tensor(shape: [1, 2], values: [1, 0]), "projection.bias": Tensor(zeros: [1]),
        ]
        #expect(throws: HashNetsError.self) {
            try HashModel(WeightFile(tensors: tensors, metadata: description.metadata))
        }
    }

    /// A small file cannot ask for memory that it has no weights for.
    @Test func largeNetworksNeedLargeFiles() throws {
        for (key, value) in [("input", "3x65536x65536"), ("input", "3x2048x2048"), ("bits", "1024")] {
            var file = try networkFile()
            file.metadata[key] = value
            #expect(throws: HashNetsError.self) { try HashModel(file) }
        }
        var file = try networkFile()
        file.metadata["arch"] = "dnnh-nin224"
        file.metadata["widths"] = "4096,4096,4096,4096"
        #expect(throws: HashNetsError.self) { try HashModel(file) }
    }

    @Test func randomProjectionsGiveTheSignsOfInnerProducts() throws {
        let description = ModelDescription(
            architecture: "lsh", bits: 3, classes: 0, input: ImageShape(channels: 1, height: 1, width: 2),
            preprocessing: Preprocessing(scale: 1, mean: [0], deviation: [1]))
        let file = WeightFile(
            tensors: [
                "projection.weight": Tensor(shape: [3, 2], values: [1, 0, 0, -1, 1, -1]),
                "projection.bias": Tensor(shape: [3], values: [-10, 20, 0]),
            ],
            metadata: description.metadata)
        let model = try HashModel(file)
        #expect(try model.encode(pixels: [11, 19, 9, 21, 30, 5], count: 3) == [0b011, 0b000, 0b111])
    }

    @Test func manyThreadsShareAModel() async throws {
        let model = try HashModel(networkFile())
        let pixels = randomPixels(20 * model.input.count, seed: 4)
        let expected = try model.encode(pixels: pixels, count: 20)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { try model.encode(pixels: pixels, count: 20) == expected }
            }
            for try await equal in group { #expect(equal) }
        }
    }

    static let input = ImageShape(channels: 3, height: 16, width: 16)

    static func architecture() throws -> Architecture {
        try .cnnhPlus(bits: 12, classes: 3, input: input)
    }

    private func networkFile() throws -> WeightFile {
        let network = try Network(Self.architecture(), batch: 1, seed: 21)
        let description = ModelDescription(network.architecture, preprocessing: Self.cifar)
        return WeightFile(tensors: try network.tensors(), metadata: description.metadata)
    }

    private func randomPixels(_ count: Int, seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in .random(in: 0...255, using: &generator) }
    }

    /// Preprocessing spelled out for one image.
    private func normalized(_ pixels: [UInt8], shape: ImageShape) -> [Float] {
        (0..<shape.count).map { index in
            let channel = index / shape.area
            let pixel = Float(pixels[index % shape.area * shape.channels + channel])
            return (pixel / 255 - Self.cifar.mean[channel]) / Self.cifar.deviation[channel]
        }
    }
}
