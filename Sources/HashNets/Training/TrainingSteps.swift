/// The steps of a training: first those on labelled images, then those of consistency.
struct TrainingSteps: Hashable, Sendable {
    /// Steps of an epoch, and in all, on the images that the recipe starts with.
    var perEpoch: Int
    var first: Int
    /// The same for consistency training; 0 without unlabelled images.
    var perConsistencyEpoch: Int
    var consistency: Int

    var count: Int { first + consistency }

    /// Whether a step is one of consistency training.
    func isConsistent(_ step: Int) -> Bool { step >= first }

    /// The epoch of a step, within its phase.
    func epoch(of step: Int) -> Int {
        isConsistent(step) ? (step - first) / max(perConsistencyEpoch, 1) : step / max(perEpoch, 1)
    }

    /// Whether the model is judged after so many steps: at the ends of about ten epochs of each phase.
    func isJudged(after steps: Int) -> Bool {
        let isConsistent = isConsistent(steps - 1)
        let length = isConsistent ? perConsistencyEpoch : perEpoch
        let (done, all) = isConsistent ? (steps - first, consistency) : (steps, first)
        guard length > 0, all > 0, done.isMultiple(of: length) else { return false }
        let (epoch, epochs) = (done / length, all / length)
        return epoch * 10 / epochs > (epoch - 1) * 10 / epochs
    }

    /// The place of a step in its epoch.
    func place(of step: Int) -> Int {
        isConsistent(step) ? (step - first) % max(perConsistencyEpoch, 1) : step % max(perEpoch, 1)
    }
}
