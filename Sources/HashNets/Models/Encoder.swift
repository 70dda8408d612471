/// What turns normalised images into numbers whose signs are the code: a network, or random projections.
package protocol Encoder: AnyObject {
    /// Images per call.
    var batch: Int { get }
    /// Numbers per image; the first ones are the code, a bit being 1 where its number is above 0.
    var outputs: Int { get }
    /// Encodes exactly `batch` images (batch × channels × rows × columns) to batch × outputs numbers.
    func encode(_ images: [Float]) throws -> [Float]
}

/// Makes the encoder that a file describes; throws where tensors are missing, too many, or of another shape.
func makeEncoder(_ description: ModelDescription, _ file: WeightFile, batch: Int) throws -> any Encoder {
    if ProjectionEncoder.architectures.contains(description.architecture) {
        return try ProjectionEncoder(description, file, batch: batch)
    }
    let architecture = try Architecture.named(
        description.architecture, bits: description.bits, classes: description.classes, input: description.input)
    guard let architecture else {
        throw HashNetsError.unknownArchitecture(path: file.path, name: description.architecture)
    }
    return try NetworkEncoder(architecture, file, batch: batch)
}

/// A network's code outputs.
private final class NetworkEncoder: Encoder {
    private let network: Network

    var batch: Int { network.batch }
    var outputs: Int { network.architecture.outputs }

    init(_ architecture: Architecture, _ file: WeightFile, batch: Int) throws {
        network = try Network(architecture, batch: batch)
        let names = Set(network.parameters.map(\.name))
        if let stranger = file.tensors.keys.filter({ !names.contains($0) }).min() {
            throw HashNetsError.tensorUnexpected(path: file.path, tensor: stranger)
        }
        try network.load(file.tensors, from: file.path)
    }

    func encode(_ images: [Float]) throws -> [Float] {
        try network.forward(images)
    }
}
