import HashNets

/// How the loss went, in a bounded number of points, and what the judgements on the way found.
struct TrainingHistory {
    struct Point {
        let step: Int
        let loss: Double
        /// Of guesses about unlabelled images, while there are such.
        let sureShare: Double?
    }

    private(set) var points: [Point] = []
    /// Mean average precision of images that are not learned from, after some of the steps.
    private(set) var judgements: [(step: Int, meanAveragePrecision: Double)] = []
    private var spacing = 1

    private static let mostPoints = 600

    /// Takes a step; later ones more seldom, the more there are.
    mutating func add(_ progress: TrainingProgress) {
        if let found = progress.meanAveragePrecision { judgements.append((progress.step, found)) }
        guard progress.step.isMultiple(of: spacing) || progress.step == progress.steps else { return }
        points.append(Point(step: progress.step, loss: progress.loss, sureShare: progress.sureShare))
        guard points.count > Self.mostPoints else { return }
        spacing *= 2
        points = points.filter { $0.step.isMultiple(of: spacing) }
    }
}
