/// Trains a hash model on labelled images, and on unlabelled ones beside.
///
///     var configuration = TrainingConfiguration(.twoStage, bits: 48)
///     let trainer = try Trainer(configuration, images: images)
///     try trainer.run(checkpointPath: "model.checkpoint") { progress in … }
///     try trainer.writeModel(to: "model.safetensors")
///
/// Of each class some images are kept apart as queries, and at most `labelledPerClass` of the others are learned
/// from, chosen by the seed (protocol P1 where there are enough images). What a step computes depends on the
/// configuration, the images and the number of the step alone, so that a resumed training ends with the same model.
/// Use a trainer from one thread at a time.
public final class Trainer {
    /// The settings.
    public let configuration: TrainingConfiguration
    /// Which images are learned from, and which are kept apart.
    public let split: ProtocolSplit
    /// Images that are learned from without labels.
    public let unlabelledCount: Int
    /// Steps done.
    public internal(set) var step = 0
    /// Steps in all.
    public var steps: Int { source.steps.count }
    /// Whether validation has found nothing better for so long that training ended before its last step.
    public var hasStoppedEarly: Bool { step < steps && isOutOfPatience }

    let images: LabelledImages
    let imagesFingerprint: String
    let labelled: LabelledImages
    let source: BatchSource
    let objective: TrainingObjective
    let validation: Validation?
    var learner: Learner
    var best: BestWeights?
    private let batches: Prefetcher<TrainingBatch>
    private var sureShare = 0.0

    /// Splits the images, runs stage 1 where the recipe has one, and draws the start weights.
    ///
    /// - Parameters:
    ///   - configuration: the recipe and its settings.
    ///   - images: those with labels, in the recipe's size.
    ///   - unlabelled: more images, of the same size, whose classes nobody knows.
    /// - Throws: `LearningError` for settings out of range, fewer than two classes, or a class with fewer than two images
    ///   to learn from, or too few for validation; recipes without labels take a single class too.
    public init(
        _ configuration: TrainingConfiguration, images: LabelledImages, unlabelled: UnlabelledImages? = nil
    ) throws {
        try configuration.check()
        self.configuration = configuration
        self.images = images
        imagesFingerprint = images.fingerprint
        split = try Self.split(images, configuration)
        let judges = try Validation.images(configuration, of: images, split: split)
        validation = Validation(configuration, images: images, split: split, chosen: judges)
        let kept = Set(judges)
        labelled = images.subset(
            configuration.recipe.isSupervised ? split.labelled.filter { !kept.contains($0) } : split.database)
        if configuration.recipe.isSupervised { try Self.check(classesOf: labelled) }
        let pool = try Self.pool(configuration, images: images, labelled: labelled, split: split, others: unlabelled)
        unlabelledCount = pool.count
        let source = BatchSource(
            configuration, labelled: labelled, pool: pool, preprocessing: Preprocessing(fitting: labelled))
        self.source = source
        batches = Prefetcher { source.batch(step: $0) }
        objective = try TrainingObjective(configuration, labelled: labelled)
        learner = try Learner(starting: configuration, labelled: labelled, preprocessing: source.preprocessing)
    }

    /// Trains to the end, or until `control` asks for a stop.
    ///
    /// - Parameters:
    ///   - checkpointPath: where to write checkpoints, atomically: every `checkpointInterval`, on request, and at the
    ///     end. One that is there is replaced; where something else is, training does not begin. None are written without
    ///     a path.
    ///   - checkpointInterval: the time between two checkpoints.
    ///   - progress: hears after each step how far training is; called on the thread that computes.
    ///   - control: asked after each step, on the same thread.
    /// - Returns: whether the end was reached.
    /// - Throws: `trainingDiverged` where the loss is not a number any more, and errors of writing a checkpoint.
    @discardableResult
    public func run(
        checkpointPath: String? = nil, checkpointInterval: Duration = .seconds(120),
        progress: (TrainingProgress) -> Void = { _ in }, control: () -> TrainingRequest = { .proceed }
    ) throws -> Bool {
        if let checkpointPath { _ = try Self.hasCheckpoint(at: checkpointPath) }
        return try ComputeThread.shared.run {
            try loop(checkpointPath, checkpointInterval, control, progress)
        }
    }

    private func loop(
        _ checkpointPath: String?, _ checkpointInterval: Duration, _ control: () -> TrainingRequest,
        _ progress: (TrainingProgress) -> Void
    ) throws -> Bool {
        let clock = ContinuousClock()
        var meter = TrainingMeter(start: clock.now, source: source)
        var lastCheckpoint = clock.now
        while step < steps, !isOutOfPatience {
            let loss = try takeStep()
            guard loss.value.isFinite else { throw LearningError.trainingDiverged(step: step) }
            var state = meter.progress(after: step, loss: loss.value, sureShare: loss.sureShare, now: clock.now)
            state.meanAveragePrecision = try judge()
            progress(state)
            let request = control()
            let isDue = step == steps || isOutOfPatience || clock.now - lastCheckpoint >= checkpointInterval
            if let checkpointPath, isDue || request != .proceed {
                try writeCheckpoint(to: checkpointPath)
                lastCheckpoint = clock.now
            }
            if request == .stop { return step == steps || isOutOfPatience }
        }
        return true
    }

    /// One update of the weights; the loss before it, and the share of guesses that were sure enough.
    private func takeStep() throws -> (value: Double, sureShare: Double?) {
        try enterPhase(ofStep: step)
        var batch = batches.value(step, next: step + 1 < steps ? step + 1 : nil)
        let isConsistent = source.steps.isConsistent(step)
        let rows = isConsistent ? try consistencyRows(of: &batch) : firstRows(of: batch)
        let logits = try learner.network.forward(batch.planes)
        let loss = objective.evaluate(logits: logits, rows: rows, step: step, isConsistent: isConsistent)
        try learner.network.backward(loss.gradient)
        try learner.update(rate: configuration.rate(ofStep: step, of: source.steps))
        step += 1
        return (loss.value, isConsistent ? sureShare : nil)
    }

    private func firstRows(of batch: TrainingBatch) -> [TrainingObjective.Row] {
        let weight = 1 / Float(batch.items.count)
        return batch.items.map { item in
            let number = item ?? 0
            let label = configuration.recipe.isSupervised ? labelled.labels[number] : number
            return TrainingObjective.Row(item: item, label: label, weight: weight)
        }
    }

    /// Labels of the labelled images, and the guesses for the first candidates that are sure; where those are too few,
    /// unsure ones fill the batch and count nothing.
    private func consistencyRows(of batch: inout TrainingBatch) throws -> [TrainingObjective.Row] {
        let settings = configuration.consistency
        let guesses = try learner.guesses(batch.candidates.weak, temperature: Float(settings.temperature))
        let isSure = guesses.map { $0.probability > Float(settings.confidence) }
        let order = guesses.indices.filter { isSure[$0] } + guesses.indices.filter { !isSure[$0] }
        let chosen = Array(order.prefix(settings.unlabelled))
        sureShare = Double(isSure.count { $0 }) / Double(isSure.count)
        batch.fill(chosen)
        var next = chosen.makeIterator()
        return batch.items.map { item in
            if let item {
                return .init(item: item, label: labelled.labels[item], weight: 1 / Float(settings.labelled))
            }
            guard let candidate = next.next(), isSure[candidate] else { return .init(item: nil, label: 0, weight: 0) }
            return .init(item: nil, label: guesses[candidate].label, weight: 1 / Float(settings.unlabelled))
        }
    }

    /// Builds the networks anew where a step sees images of another size than the one before, the first unlabelled ones, or, as
    /// after a checkpoint of long ago, labelled ones alone again.
    func enterPhase(ofStep step: Int) throws {
        if source.steps.isConsistent(step) {
            guard !learner.isConsistent else { return }
            learner = try Learner(consistent: configuration, labelled: labelled, continuing: learner)
        } else {
            let input = source.inputShape(ofStep: step)
            guard learner.isConsistent || learner.network.architecture.input != input else { return }
            learner = try Learner(configuration, labelled: labelled, input: input, continuing: learner)
        }
    }
}
