/// Images that a training does not learn from, by which its model is judged on the way.
///
/// One half of them is searched for among the other: the images learned from would not do as a database, since their
/// codes are far better than those of images to come.
struct Validation {
    /// Whether the judgement may choose the weights: not where the images are those of the final evaluation.
    let isDecisive: Bool
    private let images: LabelledImages
    private let task: RetrievalTask
    private let threads: Int?

    /// More images would cost time and change the judgement little.
    private static let mostImages = 2000

    /// The images that `configuration` sets apart for it, or else those kept apart for the final evaluation; nil where
    /// there are none, or where they have no classes.
    init?(_ configuration: TrainingConfiguration, images: LabelledImages, split: ProtocolSplit, chosen: [Int]) {
        let all = chosen.isEmpty ? split.queries : chosen
        guard all.count >= 4, images.classNames.count >= 2 else { return nil }
        let count = min(all.count, Self.mostImages)
        isDecisive = !chosen.isEmpty
        self.images = images.subset((0..<count).map { all[$0 * all.count / count] })
        task = RetrievalTask(
            self.images, queries: stride(from: 0, to: count, by: 2).map { $0 },
            database: stride(from: 1, to: count, by: 2).map { $0 })
        threads = configuration.threads > 0 ? configuration.threads : nil
    }

    /// The mean average precision of a model's codes, ties averaged.
    func meanAveragePrecision(of weights: WeightFile) throws -> Double {
        let model = try HashModel(weights, threads: threads)
        return RetrievalEvaluation(
            task, codes: try model.encode(pixels: images.pixels, count: images.count), codeBytes: model.codeBytes,
            measures: .init(lengths: [])
        ).meanAveragePrecision
    }
}

extension Validation {
    /// Of the labelled images of a split those to judge by instead of learning from them: the last of each class, as
    /// many as asked for, but at most a quarter of the smallest class; in all where images have several labels.
    ///
    /// Throws `settingInvalid` where that leaves no pair of each class.
    static func images(_ configuration: TrainingConfiguration, of images: LabelledImages, split: ProtocolSplit) throws
        -> [Int]
    {
        guard configuration.validationPerClass > 0 else { return [] }
        var classes = [split.labelled]
        var names = ["all"]
        if !images.haveSeveralLabels {
            classes = images.classNames.indices.map { label in split.labelled.filter { images.labels[$0] == label } }
            names = images.classNames
        }
        for (name, members) in zip(names, classes) where members.count < 8 {
            throw LearningError.settingInvalid(
                name: "validation",
                reason:
                    "needs 8 labelled images of each class, and \"\(name)\" has \(members.count); label more, or do without"
            )
        }
        let smallest = classes.map(\.count).min() ?? 0
        return classes.flatMap { $0.suffix(min(max(2, configuration.validationPerClass), smallest / 4)) }
    }
}

/// The best weights so far, by validation.
struct BestWeights {
    /// As the model would have them.
    var tensors: [String: Tensor]
    /// The step after which they were the model's.
    var step: Int
    /// What validation found.
    var meanAveragePrecision: Double
    /// Validations since that found nothing better.
    var later = 0
}
