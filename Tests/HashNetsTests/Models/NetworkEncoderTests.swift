import HashNets
import Testing

/// The networks' own widths, so that the kernels are those that people's models get.
@Suite struct NetworkEncoderTests {
    private static let images = 37  // no multiple of a group

    @Test(arguments: [Network.Arithmetic.single, .mixed])
    func numbersDoNotDependOnWhatStandsBeside(arithmetic: Network.Arithmetic) throws {
        let (architecture, file, images) = try Self.model()
        let encoder = NetworkEncoder(try NetworkFamily(architecture, file, arithmetic))
        #expect(encoder.groupSize > 1)
        let together = try encoder.encode(images)
        #expect(together.count == images.count && Set(together).count == images.count)
        for (image, numbers) in zip(images, together) {
            #expect(try encoder.encode([image]) == [numbers])
        }
        #expect(try encoder.encode(Array(images.reversed())) == together.reversed())
        #expect(try encoder.encode([]).isEmpty)
    }

    @Test func numbersAreThoseOfTheReference() throws {
        let (architecture, file, images) = try Self.model()
        let numbers = try NetworkEncoder(NetworkFamily(architecture, file, .single)).encode(images)
        let reference = try Network(architecture, batch: 1, backend: .reference)
        try reference.load(file.tensors)
        let expected = try images.prefix(3).map(reference.forward)
        let largest = expected.joined().map(abs).max() ?? 0
        for (one, other) in zip(numbers.prefix(3).joined(), expected.joined()) {
            #expect(abs(one - other) < 1e-4 * largest)
        }
    }

    @Test func encodersOfAFamilyAgreeOnThreadsOfTheirOwn() async throws {
        let (architecture, file, images) = try Self.model()
        let family = try NetworkFamily(architecture, file, .single)
        let expected = try NetworkEncoder(family).encode(images)
        try await withThrowingTaskGroup(of: [[Float]].self) { group in
            for _ in 0..<4 { group.addTask { try NetworkEncoder(family).encode(images) } }
            for try await numbers in group { #expect(numbers == expected) }
        }
    }

    @Test func aVarianceBelowZeroIsRefused() throws {
        let (architecture, whole, _) = try Self.model()
        var file = whole
        let name = try #require(file.tensors.keys.filter { $0.hasSuffix("running_var") }.min())
        let tensor = try #require(file.tensors[name])
        file.tensors[name] = Tensor(shape: tensor.shape, values: [-5] + tensor.values.dropFirst())
        let error = #expect(throws: HashNetsError.self) { try NetworkFamily(architecture, file, .single) }
        #expect(error?.description.contains("\"\(name)\" has a variance below 0") == true)
    }

    /// A residual network with random weights and statistics, and random images.
    private static func model() throws -> (Architecture, WeightFile, [[Float]]) {
        let architecture = try Architecture.residual(bits: 48, classes: 10)
        var tensors = try Network(architecture, batch: 1, backend: .reference, seed: 1).tensors()
        var generator = SeededGenerator(seed: 2)
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let values: [Float]
            if name.hasSuffix("running_mean") {
                values = tensor.values.map { _ in Float(0.1 * generator.nextNormal()) }
            } else if name.hasSuffix("running_var") {
                values = tensor.values.map { _ in Float(0.5 + abs(generator.nextNormal())) }
            } else {
                continue
            }
            tensors[name] = Tensor(shape: tensor.shape, values: values)
        }
        let images = (0..<images).map { _ in
            (0..<architecture.input.count).map { _ in Float(generator.nextNormal()) }
        }
        return (architecture, WeightFile(tensors: tensors, metadata: [:]), images)
    }
}
