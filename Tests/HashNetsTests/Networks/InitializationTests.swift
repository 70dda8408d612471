import HashNets
import Testing

@Suite struct InitializationTests {
    @Test func weightsHaveTheDeviationsAskedForAndBiasesAreZero() throws {
        let architecture = try Architecture.cnnh(bits: 48)
        let expected: [(Initialization, String, Double)] = [
            (.paper, "conv1.weight", 0.0001), (.paper, "conv3.weight", 0.01),
            (.he, "conv1.weight", (2.0 / 75).squareRoot()), (.he, "conv2.weight", (2.0 / 800).squareRoot()),
            (.he, "fc.weight", (2.0 / 2048).squareRoot()), (.he, "code.weight", (1.0 / 500).squareRoot()),
            (.zero, "fc.weight", 0),
        ]
        for (initialization, name, deviation) in expected {
            let network = try Network(
                architecture, batch: 1, backend: .reference, initialization: initialization, seed: 2)
            let tensors = try network.tensors()
            let values = try #require(tensors[name]).values.map(Double.init)
            let measured = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
            #expect(abs(measured - deviation) <= 0.05 * deviation, "\(initialization) \(name)")
            #expect(abs(values.reduce(0, +) / Double(values.count)) <= 0.1 * deviation)
            #expect(tensors["conv1.bias"]?.values.allSatisfy { $0 == 0 } == true)
        }
    }

    @Test func seedsDecideTheWeights() throws {
        let architecture = try Architecture.cnnhPlus(bits: 8, classes: 2, narrowing: 8)
        func weights(seed: UInt64) throws -> [String: Tensor] {
            try Network(architecture, batch: 1, backend: .reference, seed: seed).tensors()
        }
        #expect(try weights(seed: 1) == weights(seed: 1))
        #expect(try weights(seed: 1) != weights(seed: 2))
    }
}
