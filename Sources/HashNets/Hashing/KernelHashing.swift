/// Supervised hashing with kernels of the pixels: the shallow baseline of the hashing papers (KSH; Liu, Wang, Ji, Jiang, Chang,
/// "Supervised Hashing with Kernels", CVPR 2012).
///
///     let hashing = try KernelHashing(KernelHashing.Settings(bits: 48), of: images)
///     try hashing.writeModel(to: "ksh-48.safetensors")
///
/// A bit is the sign of a combination of 300 Gaussian kernels around images drawn from the labelled ones. The papers use GIST
/// features; on pixels it finds less.
public struct KernelHashing {
    /// What decides a model, beside the images.
    public struct Settings: Hashable, Sendable {
        /// q, the length of a code.
        public var bits: Int
        /// m, how many images kernels are put around, at most.
        public var anchors = 300
        /// Labelled images that are learned from, at most; of more, as many are drawn of each class, but one at least.
        public var samples = 5000
        /// Labelled images of each class, at most.
        public var labelledPerClass = 500
        /// Images of each class that are kept apart as queries, at most.
        public var queriesPerClass = 100
        /// Whether the data's own part for tests is kept apart instead, and all else is labelled.
        public var usesTestPart = false
        /// Seeds the split, the anchors and the samples.
        public var seed: UInt64 = 1

        /// The papers' numbers.
        public init(bits: Int = 48) {
            self.bits = bits
        }
    }

    private let file: WeightFile

    /// Splits the images as training does, and learns from the labelled ones.
    ///
    /// - Parameters:
    ///   - settings: the bits, the kernels, and how the images are split.
    ///   - images: all, in one size.
    ///   - progress: hears how many bits are done.
    /// - Throws: `LearningError`.
    public init(_ settings: Settings, of images: LabelledImages, progress: (Int) -> Void = { _ in }) throws {
        let split = try ProtocolSplit(
            fitting: images, queriesPerClass: settings.queriesPerClass, labelledPerClass: settings.labelledPerClass,
            usesTestPart: settings.usesTestPart, seed: settings.seed)
        var metadata = split.provenance(images)
        metadata["images"] = "\(images.count)"
        metadata["images_fingerprint"] = images.fingerprint
        try self.init(settings, ofLabelled: images.subset(split.labelled), metadata: metadata, progress: progress)
    }

    /// Learns from all of the images, but of no more than `samples`.
    ///
    /// - Parameters:
    ///   - settings: the bits and the kernels.
    ///   - images: those to learn from, in one size.
    ///   - progress: hears how many bits are done.
    /// - Throws: `LearningError`.
    public init(_ settings: Settings, ofLabelled images: LabelledImages, progress: (Int) -> Void = { _ in }) throws {
        try self.init(settings, ofLabelled: images, metadata: [:], progress: progress)
    }

    private init(
        _ settings: Settings, ofLabelled images: LabelledImages, metadata: [String: String], progress: (Int) -> Void
    ) throws {
        try images.check()
        try ModelDescription.check(bits: settings.bits)
        try LearningError.require(settings.anchors >= 1, "anchors", "is \(settings.anchors), must be at least 1")
        try LearningError.require(settings.samples >= 2, "samples", "is \(settings.samples), must be at least 2")
        guard images.classNames.count >= 2, images.count >= 2 else {
            throw LearningError.tooFewClasses(found: images.classNames.count)
        }
        let samples = images.subset(Self.samples(of: images, settings))
        let channels = images.shape.channels
        let preprocessing = Preprocessing(
            mean: [Float](repeating: 0, count: channels), deviation: [Float](repeating: 1, count: channels))
        let features = KernelFeatures(samples, anchors: settings.anchors, preprocessing, seed: settings.seed)
        var solver = KernelHashingSolver(
            features: features.centred, similarity: samples.similarity, bits: settings.bits)
        for bit in 0..<settings.bits {
            solver.addBit(seed: mixed(settings.seed, bit))
            progress(bit + 1)
        }
        let description = ModelDescription(
            architecture: KernelEncoder.architecture, bits: settings.bits, classes: 0, input: images.shape,
            preprocessing: preprocessing)
        var described = description.metadata
        described["train"] = "supervised hashing with kernels, \(features.kernel.anchors.shape[0]) anchors"
        described["supervision"] = "supervised"
        described["labelled"] = "\(samples.count)"
        described["seed"] = "\(settings.seed)"
        if images.haveSeveralLabels { described["labels"] = HashModel.severalLabels }
        described["class_names"] = ClassNames.joined(images.classNames)
        file = WeightFile(
            tensors: features.tensors(projections: solver.projections),
            metadata: described.merging(metadata) { described, _ in described })
    }

    /// Indices of the images to learn from, as many of each class as fit.
    private static func samples(of images: LabelledImages, _ settings: Settings) -> [Int] {
        guard images.count > settings.samples else { return Array(0..<images.count) }
        let classes = images.indicesOfClasses.filter { !$0.isEmpty }
        let share = max(1, settings.samples / classes.count)
        var generator = SeededGenerator(seed: mixed(settings.seed, -5))
        return classes.flatMap { $0.shuffled(using: &generator).prefix(share) }.sorted()
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

/// Gaussian kernels around some of the images, at all of them.
private struct KernelFeatures {
    let kernel: GaussianKernel
    /// Images × anchors, each column of mean zero.
    private(set) var centred: DenseMatrix
    /// The columns' means before.
    private var means: [Double]

    /// Draws anchors; the kernels' width is the mean squared distance of images and anchors.
    init(_ images: LabelledImages, anchors count: Int, _ preprocessing: Preprocessing, seed: UInt64) {
        let length = images.shape.count
        var planes = [Float](repeating: 0, count: images.pixels.count)
        images.pixels.withUnsafeBufferPointer {
            preprocessing.normalize($0, shape: images.shape, into: &planes)
        }
        var generator = SeededGenerator(seed: mixed(seed, -6))
        let chosen = Array(0..<images.count).shuffled(using: &generator).prefix(count).sorted()
        let anchors = Tensor(
            shape: [chosen.count, length], values: chosen.flatMap { planes[$0 * length..<($0 + 1) * length] })
        centred = DenseMatrix(rows: images.count, columns: chosen.count)
        var sum = 0.0
        for image in 0..<images.count {
            let vector = Array(planes[image * length..<(image + 1) * length])
            for (anchor, distance) in GaussianKernel.squaredDistances(of: vector, to: anchors).enumerated() {
                centred[image, anchor] = Double(distance)
                sum += Double(distance)
            }
        }
        let width = max(sum / Double(centred.values.count), 1e-12)
        kernel = GaussianKernel(anchors: anchors, scale: Float(1 / (2 * width)))
        for index in centred.values.indices {
            centred.values[index] = Double(kernel.value(ofSquaredDistance: Float(centred.values[index])))
        }
        means = centred.combination([Double](repeating: 1 / Double(images.count), count: images.count))
        for row in 0..<centred.rows {
            for column in 0..<centred.columns { centred[row, column] -= means[column] }
        }
    }

    /// The kernels and the projections of their features, the means being taken away by the bias.
    func tensors(projections: [[Double]]) -> [String: Tensor] {
        [
            "anchors": kernel.anchors,
            "kernel.scale": Tensor(shape: [1], values: [kernel.scale]),
            "projection.weight": Tensor(
                shape: [projections.count, means.count], values: projections.flatMap { $0.map { Float($0) } }),
            "projection.bias": Tensor(
                shape: [projections.count], values: projections.map { Float(-product($0, means)) }),
        ]
    }
}
