/// Averages the loss and estimates the time left.
struct TrainingMeter {
    private let start: ContinuousClock.Instant
    private let source: BatchSource
    private var average = 0.0
    private var weight = 0.0
    private var sureAverage = 0.0
    private var sureWeight = 0.0
    private var work = 0.0
    private var images = 0

    /// What a guess costs, as a share of an image's step: a forward pass without the backward one.
    private static let costOfGuess = 0.3

    init(start: ContinuousClock.Instant, source: BatchSource) {
        self.start = start
        self.source = source
    }

    /// Where the training stands after `step` steps in all.
    mutating func progress(
        after step: Int, loss: Double, sureShare: Double?, now: ContinuousClock.Instant
    ) -> TrainingProgress {
        average = 0.98 * average + 0.02 * loss
        weight = 0.98 * weight + 0.02
        if let sureShare {
            sureAverage = 0.98 * sureAverage + 0.02 * sureShare
            sureWeight = 0.98 * sureWeight + 0.02
        }
        let steps = source.steps
        work += cost(ofStep: step - 1)
        images += source.size(ofStep: step - 1)
        let seconds = max((now - start) / .seconds(1), 1e-9)
        let left =
            Double(max(steps.first - step, 0)) * cost(ofStep: 0)
            + Double(min(steps.count - step, steps.consistency)) * cost(ofStep: steps.first)
        let isConsistent = steps.isConsistent(step - 1)
        let perEpoch = isConsistent ? steps.perConsistencyEpoch : steps.perEpoch
        let place = isConsistent ? step - steps.first : step
        return TrainingProgress(
            epoch: steps.epoch(of: step - 1) + 1,
            epochs: isConsistent ? source.configuration.consistency.epochs : source.configuration.epochs,
            step: step, steps: steps.count, loss: average / weight, imagesPerSecond: Double(images) / seconds,
            secondsLeft: left * seconds / work, isEndOfEpoch: place.isMultiple(of: perEpoch),
            sureShare: isConsistent ? sureAverage / max(sureWeight, 1e-9) : nil)
    }

    /// Passes of a step, in images.
    private func cost(ofStep step: Int) -> Double {
        let guesses = source.steps.isConsistent(step) ? source.configuration.consistency.candidates : 0
        return Double(source.size(ofStep: step)) + Self.costOfGuess * Double(guesses)
    }
}
