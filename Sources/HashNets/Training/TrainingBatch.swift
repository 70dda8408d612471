/// What one step computes with, made ahead of it on other threads.
struct TrainingBatch: Sendable {
    /// For each row of the batch the labelled image it shows, or nil for an unlabelled one.
    var items: [Int?]
    /// Normalised images, as many as `items`; in consistency training the unlabelled rows are filled in after the guesses.
    var planes: [Float]
    /// Unlabelled images, weakly changed for the guesses, and strongly changed to be learned from.
    var candidates: (weak: [Float], strong: [Float]) = ([], [])

    /// Puts candidates, one after the other, into the unlabelled rows.
    mutating func fill(_ chosen: [Int]) {
        let size = planes.count / max(items.count, 1)
        let rows = items.indices.filter { items[$0] == nil }
        for (row, candidate) in zip(rows, chosen) {
            planes.replaceSubrange(
                row * size..<(row + 1) * size, with: candidates.strong[candidate * size..<(candidate + 1) * size])
        }
    }
}

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
