/// How a network goes on learning from images without labels, once it has learned from those with labels.
///
/// The guesses of its running average on weakly changed images, where they are sure, are the targets for the same
/// images strongly changed (Sohn et al., "FixMatch", NeurIPS 2020, with the average as in mean teachers).
public struct ConsistencySettings: Hashable, Sendable {
    /// Passes over the unlabelled images.
    public var epochs = 30
    /// Labelled images of a step.
    public var labelled = 40
    /// Unlabelled images of a step that are learned from.
    public var unlabelled = 100
    /// Unlabelled images of a step that are guessed, which costs a third of learning from them; the first ones whose guess
    /// is sure are learned from.
    public var candidates = 128
    /// Guesses of a lower probability are not learned from.
    public var confidence = 0.9
    /// Label logits are divided by it before the guess.
    public var temperature = 0.8
    /// The highest learning rate.
    public var rate = 0.08
    /// Steps in which the rate rises, at most a quarter of all; over all steps it falls to 0 along half a cosine.
    public var warmUp = 200
    /// Weight decay.
    public var decay = 5e-4
    /// Share of the running average that a step leaves.
    public var averageDecay = 0.999

    /// The defaults suit thousands of labelled and tens of thousands of unlabelled images.
    public init() {}

    /// Images of a step.
    var batch: Int { labelled + unlabelled }

    /// Throws `settingInvalid` for values outside their range.
    func check() throws {
        try LearningError.require(
            (1...1_000_000).contains(epochs), "unlabelled epochs", "is \(epochs), must be from 1 to 1000000")
        try LearningError.require(
            (1...65_536).contains(labelled) && (1...65_536).contains(unlabelled), "consistency batch",
            "must hold labelled and unlabelled images, at most 65536 of each")
        try LearningError.require(
            (unlabelled...65_536).contains(candidates), "consistency candidates",
            "are \(candidates), must be from \(unlabelled) to 65536")
        try LearningError.require(
            (0..<1).contains(confidence), "confidence", "is \(confidence), must be at least 0 and below 1")
        try LearningError.require(temperature > 0, "temperature", "is \(temperature), must be positive")
        try LearningError.require(rate > 0 && rate.isFinite, "unlabelled rate", "is \(rate), must be positive")
        try LearningError.require(warmUp >= 0, "consistency warm-up", "is \(warmUp), must not be negative")
        try LearningError.require(decay >= 0 && decay.isFinite, "decay", "is \(decay), must not be negative")
        try LearningError.require(
            (0..<1).contains(averageDecay), "averageDecay", "is \(averageDecay), must be at least 0 and below 1")
    }

    /// Every setting that a model depends on.
    var summary: String {
        "consistency epochs \(epochs), labelled \(labelled), unlabelled \(unlabelled) of \(candidates), confidence \(confidence), "
            + "temperature \(temperature), rate \(rate), warm-up \(warmUp), decay \(decay), average \(averageDecay)"
    }
}
