/// What turns normalised images into numbers whose signs are codes: a network, or random projections.
package protocol Encoder: AnyObject {
    /// Images that are best encoded together.
    var groupSize: Int { get }
    /// Numbers of each image (channels × rows × columns, normalised); the first ones are the code, a bit being 1 where its
    /// number is above 0. An image's numbers do not depend on what stands beside it.
    func encode(_ images: [[Float]]) throws -> [[Float]]
}

/// What makes the encoders that a file describes, one for each thread; throws where tensors are missing, too many, or of
/// another shape.
func encoderMaker(
    _ description: ModelDescription, _ file: WeightFile, _ arithmetic: HashModel.Arithmetic
) throws -> @Sendable () throws -> any Encoder {
    if ProjectionEncoder.architectures.contains(description.architecture) {
        try description.require(classes: 0, of: file)
        return { try ProjectionEncoder(description, file) }
    }
    if description.architecture == KernelEncoder.architecture {
        try description.require(classes: 0, of: file)
        return { try KernelEncoder(description, file) }
    }
    let architecture = try Architecture.named(
        description.architecture, bits: description.bits, classes: description.classes, input: description.input,
        widths: description.widths)
    guard let architecture else {
        throw HashNetsError.unknownArchitecture(path: file.path, name: description.architecture)
    }
    try description.require(classes: architecture.classes, of: file)
    let networks = try NetworkFamily(architecture, file, arithmetic == .bfloat16 ? .mixed : .single)
    return { NetworkEncoder(networks) }
}

extension ModelDescription {
    /// Throws where the file names other label outputs than its architecture has.
    fileprivate func require(classes expected: Int, of file: WeightFile) throws {
        guard classes == expected else {
            throw HashNetsError.metadataInvalid(
                path: file.path, key: "classes", reason: "is \(classes), where \(architecture) has \(expected)")
        }
    }
}
