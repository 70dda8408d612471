/// Where a training stands, as its progress callback hears it after each step.
public struct TrainingProgress: Hashable, Sendable {
    /// The epoch under way, counted from 1 in each phase.
    public var epoch: Int
    /// Epochs of the phase.
    public var epochs: Int
    /// Steps done.
    public var step: Int
    /// Steps in all.
    public var steps: Int
    /// The loss, averaged over about the last fifty steps.
    public var loss: Double
    /// Images learned from per second, since this run began.
    public var imagesPerSecond: Double
    /// Estimated seconds to the end.
    public var secondsLeft: Double
    /// Whether this step was the last of its epoch.
    public var isEndOfEpoch: Bool
    /// In consistency training, whose epochs are passes over the unlabelled images: the share of guesses that were sure
    /// enough to be learned from, averaged like the loss. Before it, nil.
    public var sureShare: Double?
    /// About ten times in each phase, at the end of an epoch: the mean average precision, ties averaged, of images that
    /// are not learned from, one half of them searched for among the other. They are those that
    /// `TrainingConfiguration.validationPerClass` sets apart, else those kept apart as queries. After other steps nil.
    public var meanAveragePrecision: Double?
}

/// What the caller wants of a training that runs; asked after each step.
public enum TrainingRequest: Hashable, Sendable {
    /// Go on.
    case proceed
    /// Write a checkpoint and go on.
    case checkpoint
    /// Write a checkpoint and stop.
    case stop
}
