/// What turns a normalised image into numbers whose signs are the code: a network, or random projections.
package protocol Encoder: AnyObject {
    /// Numbers of one image (channels × rows × columns, normalised); the first ones are the code, a bit being 1 where its
    /// number is above 0.
    func encode(_ image: [Float]) throws -> [Float]
}

/// Makes the encoder that a file describes; throws where tensors are missing, too many, or of another shape.
func makeEncoder(
    _ description: ModelDescription, _ file: WeightFile, _ arithmetic: HashModel.Arithmetic
) throws -> any Encoder {
    if ProjectionEncoder.architectures.contains(description.architecture) {
        return try ProjectionEncoder(description, file)
    }
    if description.architecture == KernelEncoder.architecture { return try KernelEncoder(description, file) }
    let architecture = try Architecture.named(
        description.architecture, bits: description.bits, classes: description.classes, input: description.input,
        widths: description.widths)
    guard let architecture else {
        throw HashNetsError.unknownArchitecture(path: file.path, name: description.architecture)
    }
    return try NetworkEncoder(architecture, file, arithmetic == .bfloat16 ? .mixed : .single)
}

/// A network, one image at a time on one thread: as quick per image as a batch, since an image's values stay in the
/// core's cache, and equal images get equal codes whatever stands beside them.
private final class NetworkEncoder: Encoder {
    private let network: Network

    init(_ architecture: Architecture, _ file: WeightFile, _ arithmetic: Network.Arithmetic) throws {
        network = try Network(
            architecture, batch: 1, initialization: .zero, arithmetic: arithmetic, threads: 1)
        let names = Set((network.parameters + network.statistics).map(\.name))
        if let stranger = file.tensors.keys.filter({ !names.contains($0) }).min() {
            throw HashNetsError.tensorUnexpected(path: file.path, tensor: stranger)
        }
        try network.load(file.tensors, from: file.path)
    }

    func encode(_ image: [Float]) throws -> [Float] {
        try network.forward(image)
    }
}
