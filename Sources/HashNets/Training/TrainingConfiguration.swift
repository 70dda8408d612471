/// The models that can be trained.
public enum ModelFamily: String, Sendable, CaseIterable {
    /// The two-stage model: codes from similarities, then a network that predicts them (Xia et al., AAAI 2014).
    case cnnh
    /// The same with label outputs that share the network's features; they are dropped at query time.
    case cnnhPlus = "cnnh+"
    /// The triplet network with divide-and-encode (Lai et al., CVPR 2015).
    case dnnh
}

/// Everything that decides what a training computes: equal configurations, images and numbers of threads give equal
/// models on one machine.
public struct TrainingConfiguration: Hashable, Sendable {
    /// What is trained.
    public var family: ModelFamily
    /// q, the length of a code.
    public var bits: Int
    /// Seeds the split, the start weights, the order of images and their augmentation.
    public var seed: UInt64 = 1
    /// Passes over the labelled images.
    public var epochs: Int
    /// Labelled images per step.
    public var batch = 100
    /// Labelled images of each class that training sees, at most; the papers' P1 has 500.
    public var labelledPerClass = 500
    /// Images of each class that are kept apart as queries for the evaluation, at most; the papers' P1 has 100.
    public var queriesPerClass = 100
    /// Threads that compute the network; 0 leaves it to the library. It may change the last digits of a model.
    public var threads = 0

    /// Whether passes are computed in bfloat16 where the CPU is faster at that; weights are single precision always.
    public var mixedPrecision = true

    /// How gradients change the weights.
    public var method: OptimizerMethod
    /// The highest learning rate.
    public var rate: Double
    /// The learning rate's course.
    public var schedule = LearningRateSchedule.oneCycle
    /// Share of the steps in which the rate rises.
    public var warmUp = 0.2
    /// Momentum, or Adam's β₁.
    public var momentum = 0.9
    /// Weight decay; biases have none.
    public var decay: Double
    /// Multiple of the rate at which biases learn.
    public var biasRate = 1.0
    /// Gradients of a larger norm are scaled down to it; 0 for never.
    public var largestNorm = 0.0
    /// Whether the gradient of each output's weights is made to sum to zero.
    public var centralizesGradients = false
    /// Whether the network drops values in training where its architecture says so.
    public var dropout = false
    /// Whether each layer's weights are scaled, before the first step, so that its outputs on some images have mean 0
    /// and deviation 1.
    public var fitsInitialization = false
    /// Random changes of the images.
    public var augmentation = Augmentation()
    /// In the first `croppedShare` of the epochs the network sees random crops of this side, which is faster; 0 for
    /// whole images throughout.
    public var cropSide = 0
    /// Share of the epochs that see crops.
    public var croppedShare = 0.6

    /// Sweeps of CNNH's stage 1, T of its algorithm 1.
    public var sweeps = 5
    /// Whether stage 1 ends with one code per class, the best codebook of several starts; not in the paper.
    public var codebook = false
    /// λ of CNNH+'s label loss.
    public var labelWeight = 1.0
    /// Margin of DNNH's triplets in squared distance; the paper has 1 for every q.
    public var margin = 1.0
    /// Steps after which DNNH's threshold band shrinks by a fifth, again and again; 0 for never.
    public var thresholdInterval = 0

    /// The settings that the shipped models were trained with.
    ///
    /// They learn from 5,000 images in well under an hour on one core. The papers' losses and networks are kept; their
    /// slow plain descent is not: fitted start weights, Adam with centralised gradients, one cycle of the rate.
    /// DNNH's margin grows with the code, q/4: at 1 a fresh network soon satisfies it best by making all codes equal.
    public init(_ family: ModelFamily, bits: Int = 48) {
        self.family = family
        self.bits = bits
        method = .adam
        decay = 0.02
        centralizesGradients = true
        fitsInitialization = true
        switch family {
        case .cnnh, .cnnhPlus:
            epochs = 60
            rate = 1e-3
            warmUp = 0.15
            augmentation.cutout = 8
        case .dnnh:
            epochs = 50
            rate = 5e-4
            warmUp = 0.1
            margin = Double(bits) / 4
            cropSide = 24
            croppedShare = 0.7
        }
    }

    /// Throws `settingInvalid` for values outside their range.
    public func check() throws {
        func require(_ holds: Bool, _ name: String, _ reason: String) throws {
            guard holds else { throw LearningError.settingInvalid(name: name, reason: reason) }
        }
        try require((1...1024).contains(bits), "bits", "is \(bits), must be from 1 to 1024")
        try require(epochs >= 1, "epochs", "is \(epochs), must be at least 1")
        try require(batch >= 4, "batch", "is \(batch), must be at least 4, for two images of two classes")
        try require(labelledPerClass >= 2, "labelledPerClass", "is \(labelledPerClass), must be at least 2")
        try require(queriesPerClass >= 0, "queriesPerClass", "is \(queriesPerClass), must not be negative")
        try require(threads >= 0, "threads", "is \(threads), must not be negative")
        try require(rate > 0 && rate.isFinite, "rate", "is \(rate), must be positive")
        try require(decay >= 0 && decay.isFinite, "decay", "is \(decay), must not be negative")
        try require((0..<1).contains(momentum), "momentum", "is \(momentum), must be at least 0 and below 1")
        try require((0..<1).contains(warmUp), "warmUp", "is \(warmUp), must be at least 0 and below 1")
        try require(margin > 0 && margin.isFinite, "margin", "is \(margin), must be positive")
        try require(sweeps >= 1, "sweeps", "is \(sweeps), must be at least 1")
        try require((0...1).contains(croppedShare), "croppedShare", "is \(croppedShare), must be from 0 to 1")
        try require(
            cropSide == 0 || family == .dnnh && cropSide >= 8, "cropSide",
            "is \(cropSide), must be 0, or at least 8 for dnnh; the other networks see whole images only")
    }

    /// One line with every setting that a model depends on, for metadata and to tell checkpoints apart.
    var summary: String {
        var parts = ["\(family.rawValue)", "bits \(bits)", "seed \(seed)", "epochs \(epochs)", "batch \(batch)"]
        parts += ["labelled \(labelledPerClass)", "queries \(queriesPerClass)", "\(method.rawValue) \(rate)"]
        parts += ["\(schedule.rawValue) \(warmUp)", "momentum \(momentum)", "decay \(decay)", "bias rate \(biasRate)"]
        parts += ["norm \(largestNorm)", "centralized \(centralizesGradients)", "dropout \(dropout)"]
        parts += ["fitted \(fitsInitialization)", "shift \(augmentation.shift)", "mirror \(augmentation.mirrors)"]
        parts += ["cut-out \(augmentation.cutout)", "contrast \(augmentation.contrast)"]
        parts += ["crop \(cropSide) for \(croppedShare)"]
        if !mixedPrecision { parts.append("single precision") }
        switch family {
        case .cnnh: parts += ["sweeps \(sweeps)", "codebook \(codebook)"]
        case .cnnhPlus: parts += ["sweeps \(sweeps)", "codebook \(codebook)", "label weight \(labelWeight)"]
        case .dnnh: parts += ["margin \(margin)", "threshold interval \(thresholdInterval)"]
        }
        return parts.joined(separator: ", ")
    }
}
