/// Models that need no labels: signs of random projections of mean-centred pixels, or of a network's features.
///
///     let projections = try RandomProjections(dimension: images.shape.count, bits: 64, seed: 1)
///     try LocalitySensitiveHashing(projections, of: images).writeModel(to: "bolsh-64.safetensors")
///
/// The mean of the images is taken from every vector first, since pixels and rectified features are positive and all
/// lie in one narrow cone. It is kept as a bias, bit k being [w_k·x − w_k·mean > 0], so that an ordinary weight file
/// says it all: `projection.weight` and `projection.bias` over pixels, or a network with a random last layer.
public struct LocalitySensitiveHashing {
    private let file: WeightFile

    /// Projects pixels, scaled to [0, 1]; `images` give the mean. Throws `settingInvalid` where the projections are of
    /// another dimension, and `labelledImagesInvalid`.
    public init(_ projections: RandomProjections, of images: LabelledImages) throws {
        try self.init(projections, of: images, metadata: [:])
    }

    /// Projects pixels; the database of a split gives the mean, which says nothing of the queries then.
    ///
    /// - Parameters:
    ///   - projections: of pixels.
    ///   - images: all, in one size; without classes, all are the database.
    ///   - queriesPerClass: images of each class that are kept apart as queries, at most.
    ///   - labelledPerClass: images of each class that other models learn from, at most; here they only make the split the same.
    ///   - usesTestPart: whether the data's own part for tests is kept apart instead.
    ///   - seed: of the split.
    /// - Throws: `LearningError`.
    public init(
        _ projections: RandomProjections, splitting images: LabelledImages, queriesPerClass: Int = 100,
        labelledPerClass: Int = 500, usesTestPart: Bool = false, seed: UInt64
    ) throws {
        try images.check()
        let split =
            images.classNames.count < 2
            ? ProtocolSplit(databaseOf: images.count)
            : try ProtocolSplit(
                fitting: images, queriesPerClass: queriesPerClass, labelledPerClass: labelledPerClass,
                usesTestPart: usesTestPart, seed: seed)
        var metadata = split.provenance(images)
        metadata["images"] = "\(images.count)"
        metadata["images_fingerprint"] = images.fingerprint
        metadata["supervision"] = "unsupervised"
        metadata["labelled"] = "0"
        try self.init(projections, of: images.subset(split.database), metadata: metadata)
    }

    private init(_ projections: RandomProjections, of images: LabelledImages, metadata: [String: String]) throws {
        try images.check()
        try projections.requireDimension(images.shape.count)
        let channels = images.shape.channels
        let preprocessing = Preprocessing(
            mean: [Float](repeating: 0, count: channels), deviation: [Float](repeating: 1, count: channels))
        let description = ModelDescription(
            architecture: projections.batch == 1 ? "lsh" : "bolsh", bits: projections.bits, classes: 0,
            input: images.shape, preprocessing: preprocessing)
        var planes = [Float](repeating: 0, count: images.pixels.count)
        images.pixels.withUnsafeBufferPointer {
            preprocessing.normalize($0, shape: images.shape, into: &planes)
        }
        let (weight, bias) = projections.layer(centredOn: vectorMean(of: planes, length: images.shape.count))
        file = WeightFile(
            tensors: ["projection.weight": weight, "projection.bias": bias],
            metadata: description.metadata.merging(projections.provenance) { described, _ in described }
                .merging(metadata) { described, _ in described })
    }

    /// Projects the features that a trained network hands to its last layer: 500 of CNNH's, 50 a bit of DNNH's.
    ///
    /// CNNH's become a `cnnh32` of any width. DNNH's architectures have as many features as 50 times their bits, so
    /// theirs become a `dnnh-nin32-fc` of the same width. Throws `settingInvalid` where dimension or width do not fit,
    /// and `HashNetsError` for the weight file.
    public init(_ projections: RandomProjections, ofFeaturesOf path: String, on images: LabelledImages) throws {
        try images.check()
        let source = try WeightFile(reading: path)
        let description = try ModelDescription(source)
        guard ["cnnh32", "cnnh+32", "dnnh-nin32", "dnnh-nin32-fc"].contains(description.architecture) else {
            throw LearningError.settingInvalid(
                name: "network",
                reason: "is \(description.architecture); features are taken of cnnh32 and dnnh-nin32 alone")
        }
        let features = try FeatureNetwork(description, source)
        try projections.requireDimension(features.count)
        let isTriplet = description.architecture.hasPrefix("dnnh")
        guard !isTriplet || projections.bits == description.bits else {
            throw LearningError.settingInvalid(
                name: "bits", reason: "is \(projections.bits), must be \(description.bits) over this network")
        }
        let target = ModelDescription(
            architecture: isTriplet ? "dnnh-nin32-fc" : "cnnh32", bits: projections.bits, classes: 0,
            input: description.input, widths: description.widths, preprocessing: description.preprocessing)
        let (weight, bias) = projections.layer(centredOn: try features.mean(over: images))
        var tensors = source.tensors.filter { features.names.contains($0.key) }
        tensors[isTriplet ? "encode.weight" : "code.weight"] = weight
        tensors[isTriplet ? "encode.bias" : "code.bias"] = bias
        file = WeightFile(
            tensors: tensors, metadata: target.metadata.merging(projections.provenance) { described, _ in described })
    }

    /// The model, ready to encode.
    public func model() throws -> HashModel {
        try HashModel(file)
    }

    /// Writes the model as a weight file, atomically.
    public func writeModel(to path: String) throws {
        try file.write(to: path)
    }
}

extension RandomProjections {
    fileprivate func requireDimension(_ count: Int) throws {
        guard dimension == count else {
            throw LearningError.settingInvalid(name: "dimension", reason: "is \(dimension), must be \(count) here")
        }
    }

    /// The last layer that takes the mean away and projects.
    fileprivate func layer(centredOn mean: [Double]) -> (weight: Tensor, bias: Tensor) {
        let biases = (0..<bits).map { bit in
            var product = 0.0
            for index in 0..<dimension { product += directions[bit * dimension + index] * mean[index] }
            return Float(-product)
        }
        return (
            Tensor(shape: [bits, dimension], values: directions.map { Float($0) }),
            Tensor(shape: [bits], values: biases)
        )
    }

    /// What a file says of how its directions were drawn.
    fileprivate var provenance: [String: String] {
        [
            "train": "random projections, orthogonal in batches of \(batch), SplitMix64 and Box-Muller",
            "seed": "\(seed)", "batch": "\(batch)",
        ]
    }
}

/// A trained network up to what its last layer takes.
private struct FeatureNetwork {
    /// The tensors that it needs.
    let names: Set<String>
    private let network: Network
    private let preprocessing: Preprocessing

    /// Features of an image.
    var count: Int { network.architecture.outputs }

    init(_ description: ModelDescription, _ file: WeightFile) throws {
        let whole = try Architecture.named(
            description.architecture, bits: description.bits, classes: description.classes, input: description.input,
            widths: description.widths)
        guard let whole, let last = whole.layers.lastIndex(where: { !$0.parameterNames.isEmpty }) else {
            throw HashNetsError.unknownArchitecture(path: file.path, name: description.architecture)
        }
        let architecture = try Architecture(
            name: whole.name, bits: whole.bits, classes: 0, input: whole.input, layers: Array(whole.layers[..<last]))
        network = try ComputeThread.shared.run {
            let network = try Network(architecture, batch: 16, initialization: .zero)
            try network.load(file.tensors, from: file.path)
            return network
        }
        names = Set(network.parameters.map(\.name))
        preprocessing = description.preprocessing
    }

    /// The mean of the features; images beyond whole batches of 16 are left out, unless there are fewer.
    func mean(over images: LabelledImages) throws -> [Double] {
        guard images.shape == network.architecture.input, images.count > 0 else {
            throw LearningError.labelledImagesInvalid(
                reason: "\(images.count) of \(images.shape), where the network takes \(network.architecture.input)")
        }
        let rounds = max(images.count / network.batch, 1)
        var sums = [Double](repeating: 0, count: count)
        for round in 0..<rounds {
            let indices = (0..<network.batch).map { (round * network.batch + $0) % images.count }
            var planes = [Float](repeating: 0, count: network.batch * images.shape.count)
            images.subset(indices).pixels.withUnsafeBufferPointer {
                preprocessing.normalize($0, shape: images.shape, into: &planes)
            }
            let features = try ComputeThread.shared.run { try network.forward(planes) }
            for (index, value) in zip(sums.indices, vectorMean(of: features, length: count)) { sums[index] += value }
        }
        return sums.map { $0 / Double(rounds) }
    }
}

/// The mean of vectors that lie one after the other.
private func vectorMean(of values: [Float], length: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: length)
    for start in stride(from: 0, to: values.count, by: length) {
        for index in 0..<length { sums[index] += Double(values[start + index]) }
    }
    let count = Double(max(values.count / length, 1))
    return sums.map { $0 / count }
}
