/// Trains a hash model on labelled images.
///
///     var configuration = TrainingConfiguration(.dnnh, bits: 48)
///     let trainer = try Trainer(configuration, images: images)
///     try trainer.run(checkpointPath: "dnnh.checkpoint") { progress in … }
///     try trainer.writeModel(to: "dnnh-48.safetensors")
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
    /// Steps done.
    public internal(set) var step = 0
    /// Steps in all.
    public var steps: Int { configuration.epochs * batches.count }

    let images: LabelledImages
    let labelled: LabelledImages
    let preprocessing: Preprocessing
    let batches: BalancedBatches
    let objective: TrainingObjective
    var network: Network
    var optimizer: Optimizer
    private var planes: [Float] = []
    private var epochBatches: (epoch: Int, batches: [[Int]]) = (-1, [])

    /// Splits the images, runs stage 1 where the family has one, and draws the start weights.
    ///
    /// Throws `LearningError` for settings out of range, fewer than two classes, or a class with fewer than two images
    /// to learn from.
    public init(_ configuration: TrainingConfiguration, images: LabelledImages) throws {
        try configuration.check()
        self.configuration = configuration
        self.images = images
        split = try Self.split(images, configuration)
        labelled = images.subset(split.labelled)
        preprocessing = Preprocessing(fitting: labelled)
        batches = BalancedBatches(classes: labelled.indicesOfClasses, size: configuration.batch)
        objective = TrainingObjective(
            configuration, labels: labelled.labels, classes: labelled.classNames.count)
        (network, optimizer) = try Self.start(configuration, labelled: labelled, preprocessing: preprocessing)
    }

    /// Trains to the end, or until `control` asks for a stop; true where the end was reached.
    ///
    /// Throws `trainingDiverged` where the loss is not a number any more, and errors of writing a checkpoint.
    ///
    /// - Parameters:
    ///   - checkpointPath: where to write checkpoints, atomically: every `checkpointInterval`, on request, and at the
    ///     end. None are written without a path.
    ///   - control: asked after each step; called on the thread that computes, like `progress`.
    @discardableResult
    public func run(
        checkpointPath: String? = nil, checkpointInterval: Duration = .seconds(120),
        progress: (TrainingProgress) -> Void = { _ in }, control: () -> TrainingRequest = { .proceed }
    ) throws -> Bool {
        try ComputeThread.shared.run {
            try loop(checkpointPath, checkpointInterval, control, progress)
        }
    }

    private func loop(
        _ checkpointPath: String?, _ checkpointInterval: Duration, _ control: () -> TrainingRequest,
        _ progress: (TrainingProgress) -> Void
    ) throws -> Bool {
        let clock = ContinuousClock()
        var meter = TrainingMeter(start: clock.now, firstStep: step)
        var lastCheckpoint = clock.now
        while step < steps {
            let loss = try takeStep()
            guard loss.isFinite else { throw LearningError.trainingDiverged(step: step) }
            progress(meter.progress(after: step, of: self, loss: loss, now: clock.now))
            let request = control()
            let isDue = step == steps || clock.now - lastCheckpoint >= checkpointInterval
            if let checkpointPath, isDue || request != .proceed {
                try writeCheckpoint(to: checkpointPath)
                lastCheckpoint = clock.now
            }
            if request == .stop { return step == steps }
        }
        return true
    }

    /// One update of the weights; the loss before it.
    private func takeStep() throws -> Double {
        let epoch = step / batches.count
        try enterPhase(ofEpoch: epoch)
        if epochBatches.epoch != epoch {
            epochBatches = (epoch, batches.epoch(seed: mixed(configuration.seed, epoch)))
        }
        let batch = epochBatches.batches[step % batches.count]
        augment(batch, epoch: epoch)
        let logits = try network.forward(planes)
        let loss = objective.evaluate(logits: logits, batch: batch, labels: labelled.labels, step: step)
        try network.backward(loss.gradient)
        let factor = configuration.schedule.factor(step: step, of: steps, warmUp: configuration.warmUp)
        try optimizer.step(rate: configuration.rate * factor)
        step += 1
        return loss.value
    }

    /// Fills the network's input; every image of every epoch has random numbers of its own.
    private func augment(_ batch: [Int], epoch: Int) {
        let input = network.architecture.input
        if planes.count != batch.count * input.count {
            planes = [Float](repeating: 0, count: batch.count * input.count)
        }
        planes.withUnsafeMutableBufferPointer { planes in
            labelled.pixels.withUnsafeBufferPointer { pixels in
                for (place, index) in batch.enumerated() {
                    var generator = SeededGenerator(seed: mixed(configuration.seed, step, place))
                    let image = pixels[index * labelled.shape.count..<(index + 1) * labelled.shape.count]
                    configuration.augmentation.apply(
                        UnsafeBufferPointer(rebasing: image),
                        shape: labelled.shape, preprocessing: preprocessing, output: input,
                        into: UnsafeMutableBufferPointer(
                            rebasing: planes[place * input.count..<(place + 1) * input.count]),
                        using: &generator)
                }
            }
        }
    }

    /// Builds the network anew where an epoch sees images of another size than the one before.
    func enterPhase(ofEpoch epoch: Int) throws {
        let input = configuration.inputShape(ofEpoch: epoch, images: images.shape)
        guard network.architecture.input != input else { return }
        let next = try Self.makeNetwork(configuration, labelled: labelled, input: input)
        try next.load(network.tensors())
        next.dropoutState = network.dropoutState
        let optimizer = Optimizer(next.parameters, settings: configuration.optimizerSettings)
        try optimizer.restore(self.optimizer.state(), steps: self.optimizer.steps, from: "memory")
        network = next
        self.optimizer = optimizer
    }
}

/// A seed of its own for each combination of numbers.
func mixed(_ seed: UInt64, _ numbers: Int...) -> UInt64 {
    numbers.reduce(seed) { state, number in
        var generator = SeededGenerator(seed: state ^ UInt64(bitPattern: Int64(number)) &* 0xD6E8_FEB8_6659_FD93)
        return generator.next()
    }
}

/// Averages the loss and estimates the time left.
private struct TrainingMeter {
    let start: ContinuousClock.Instant
    let firstStep: Int
    private var average = 0.0
    private var weight = 0.0

    init(start: ContinuousClock.Instant, firstStep: Int) {
        self.start = start
        self.firstStep = firstStep
    }

    mutating func progress(
        after step: Int, of trainer: Trainer, loss: Double, now: ContinuousClock.Instant
    ) -> TrainingProgress {
        average = 0.98 * average + 0.02 * loss
        weight = 0.98 * weight + 0.02
        let seconds = max((now - start) / .seconds(1), 1e-9)
        let perStep = seconds / Double(step - firstStep)
        let perEpoch = trainer.batches.count
        return TrainingProgress(
            epoch: (step - 1) / perEpoch + 1, epochs: trainer.configuration.epochs, step: step, steps: trainer.steps,
            loss: average / weight, imagesPerSecond: Double(trainer.configuration.batch) / perStep,
            secondsLeft: Double(trainer.steps - step) * perStep, isEndOfEpoch: step.isMultiple(of: perEpoch))
    }
}
