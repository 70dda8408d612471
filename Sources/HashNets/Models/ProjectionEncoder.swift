/// Sign of random projections (LSH, and batch-orthogonal LSH): number k is weight_k · x + bias_k.
///
/// Tensors: `projection.weight` [bits, d] with d the values of one image, and `projection.bias` [bits].
final class ProjectionEncoder: Encoder {
    /// Names in metadata: plain, and orthogonal within batches of bits.
    static let architectures = ["lsh", "bolsh"]

    private let weight: Tensor
    private let bias: Tensor

    init(_ description: ModelDescription, _ file: WeightFile) throws {
        weight = try file.tensor("projection.weight", shape: [description.bits, description.input.count])
        bias = try file.tensor("projection.bias", shape: [description.bits])
        if let stranger = file.tensors.keys.filter({ $0 != "projection.weight" && $0 != "projection.bias" }).min() {
            throw HashNetsError.tensorUnexpected(path: file.path, tensor: stranger)
        }
    }

    let groupSize = 1

    func encode(_ images: [[Float]]) -> [[Float]] { images.map(encode) }

    private func encode(_ image: [Float]) -> [Float] {
        bias.values.indices.map { output in
            var sum = bias.values[output]
            for index in image.indices { sum += weight.values[output &* image.count &+ index] * image[index] }
            return sum
        }
    }
}

extension WeightFile {
    /// The tensor of a name, which must have the shape; throws `tensorMissing` or `tensorShape`.
    package func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        guard let tensor = tensors[name] else { throw HashNetsError.tensorMissing(path: path, tensor: name) }
        guard tensor.shape == shape else {
            throw HashNetsError.tensorShape(path: path, tensor: name, expected: shape, found: tensor.shape)
        }
        return tensor
    }
}
