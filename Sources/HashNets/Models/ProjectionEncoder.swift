/// Sign of random projections (LSH, and batch-orthogonal LSH): number k is weight_k · x + bias_k.
///
/// Tensors: `projection.weight` [bits, d] with d the values of one image, and `projection.bias` [bits].
final class ProjectionEncoder: Encoder {
    /// Names in metadata: plain, and orthogonal within batches of bits.
    static let architectures = ["lsh", "bolsh"]

    let batch: Int
    let outputs: Int
    private let weight: Tensor
    private let bias: Tensor

    init(_ description: ModelDescription, _ file: WeightFile, batch: Int) throws {
        self.batch = batch
        outputs = description.bits
        weight = try file.tensor("projection.weight", shape: [description.bits, description.input.count])
        bias = try file.tensor("projection.bias", shape: [description.bits])
        if let stranger = file.tensors.keys.filter({ $0 != "projection.weight" && $0 != "projection.bias" }).min() {
            throw HashNetsError.tensorUnexpected(path: file.path, tensor: stranger)
        }
    }

    func encode(_ images: [Float]) -> [Float] {
        let dimensions = images.count / batch
        var numbers = [Float](repeating: 0, count: batch * outputs)
        for image in 0..<batch {
            for output in 0..<outputs {
                var sum = bias.values[output]
                for index in 0..<dimensions {
                    sum += weight.values[output &* dimensions &+ index] * images[image &* dimensions &+ index]
                }
                numbers[image * outputs + output] = sum
            }
        }
        return numbers
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
