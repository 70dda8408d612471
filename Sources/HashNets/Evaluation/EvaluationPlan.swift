/// Who is searched for among whom: the protocols of the hashing papers, and one for things that nobody has learned.
public enum EvaluationProtocol: String, Sendable, CaseIterable {
    /// Of each class some images are queries; all others are the database, those among them that were learned from too.
    case p1
    /// P1 without the labelled images in the database: what was memorised helps nobody.
    case p1b
    /// The data's own part for tests are the queries, its other images the database, and all of those were learned from.
    case p2
    /// P1 among the classes that the model has not learned: queries and database are things unseen in training.
    case unseen
}

/// The images, the split and the questions of one evaluation.
public struct EvaluationPlan: Sendable {
    /// What the plan follows.
    public let method: EvaluationProtocol
    /// The images that the split's and the task's indices mean: all, or those of some classes.
    public let images: LabelledImages
    /// Queries, labelled images and database.
    public let split: ProtocolSplit
    /// What is asked.
    public let task: RetrievalTask

    /// Makes a plan; equal arguments give equal plans.
    ///
    /// - Parameters:
    ///   - method: the protocol.
    ///   - images: those to be split into queries and a database.
    ///   - learnedClasses: names of the classes that the model has learned, if that is known. P1, P1b and P2 go by those alone
    ///     where the images have them all and others beside, as when classes were held out; `unseen` goes by the others.
    ///   - queriesPerClass: queries of each class; in all where images have several labels, as `labelledPerClass`.
    ///   - labelledPerClass: labelled images of each class, as in training, for P1 and P1b.
    ///   - fitsClasses: whether a class that has not as many images gives what it has, as in training, for P1 and P1b. Otherwise it is an error.
    ///   - seed: of the split, as in training.
    /// - Throws: `LearningError`: `tooFewClasses`, `tooFewImages`, `testPartMissing`, `databaseEmpty`,
    ///   `labelledImagesInvalid`.
    public init(
        _ method: EvaluationProtocol, images: LabelledImages, learnedClasses: [String]?, queriesPerClass: Int = 100,
        labelledPerClass: Int = 500, fitsClasses: Bool = false, seed: UInt64
    ) throws {
        try images.check()
        self.method = method
        guard !images.haveSeveralLabels else {
            guard method != .unseen else { throw LearningError.severalLabels(by: "protocol unseen") }
            self.images = images
            split =
                method == .p2
                ? try ProtocolSplit(partsOf: images)
                : try ProtocolSplit(images, queries: queriesPerClass, labelled: labelledPerClass, seed: seed)
            task = RetrievalTask(images, split, excludingLabelled: method == .p1b, seed: seed)
            guard !task.database.isEmpty else { throw LearningError.databaseEmpty }
            return
        }
        let learned = Set(learnedClasses ?? [])
        switch method {
        case .unseen:
            let others = images.classNames.filter { !learned.contains($0) }
            self.images = others.count == images.classNames.count ? images : images.subset(ofClasses: others)
        case .p1, .p1b, .p2:
            let isPart = !learned.isEmpty && learned.isStrictSubset(of: images.classNames)
            self.images = isPart ? images.subset(ofClasses: learned) : images
        }
        split =
            switch method {
            case .p1 where fitsClasses, .p1b where fitsClasses:
                try ProtocolSplit(
                    fitting: self.images, queriesPerClass: queriesPerClass, labelledPerClass: labelledPerClass,
                    seed: seed)
            case .p1, .p1b:
                try ProtocolSplit(
                    self.images, queriesPerClass: queriesPerClass, labelledPerClass: labelledPerClass, seed: seed)
            case .p2: try ProtocolSplit(partsOf: self.images)
            case .unseen:
                try ProtocolSplit(self.images, queriesPerClass: queriesPerClass, labelledPerClass: 0, seed: seed)
            }
        task = RetrievalTask(self.images, split, excludingLabelled: method == .p1b, seed: seed)
        guard !task.database.isEmpty else { throw LearningError.databaseEmpty }
    }
}

extension EvaluationPlan {
    /// Whether the weight file tells of other images than these, so that its split means others.
    package func mayHaveLearnedQueries(of model: HashModel) -> Bool {
        model.metadata["images_fingerprint"].map { $0 != images.fingerprint } ?? false
    }
}

extension HashModel {
    /// The classes that the model was trained with, as its weight file names them; nil where it names none.
    public var learnedClasses: [String]? { metadata["class_names"].map(ClassNames.split) }

    /// Seeds the split that the model was trained with; nil where its weight file does not say.
    public var trainingSeed: UInt64? { metadata["seed"].flatMap { UInt64($0) } }
}
