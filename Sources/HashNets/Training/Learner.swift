/// What changes from step to step: the network's weights, the optimiser's memory, the running average, and the network
/// that guesses with that average.
struct Learner {
    let network: Network
    let optimizer: Optimizer
    let average: WeightAverage?
    /// Computes guesses with the running average; in consistency training only.
    let guesser: Network?

    var isConsistent: Bool { guesser != nil }

    /// One update by the gradients that the network holds.
    func update(rate: Double) throws {
        try optimizer.step(rate: rate)
        average?.update()
        if let guesser, let average { try guesser.load(average.tensors()) }
    }

    /// The weights of the model: the running average where there is one.
    func modelTensors() throws -> [String: Tensor] {
        try network.tensors().merging(average?.tensors() ?? [:]) { _, average in average }
    }

    /// The likeliest class of each image, by the running average.
    func guesses(_ planes: [Float], temperature: Float) throws -> [(label: Int, probability: Float)] {
        guard let guesser else { return [] }
        let (bits, outputs) = (guesser.architecture.bits, guesser.architecture.outputs)
        let logits = try guesser.forward(planes)
        return stride(from: 0, to: logits.count, by: outputs).map { row in
            let probabilities = Softmax(logits[row + bits..<row + outputs].map { $0 / temperature }).probabilities
            let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
            return (best, probabilities[best])
        }
    }
}

extension Learner {
    /// Goes on with images of another size; weights, optimiser and average stay what they are.
    init(
        _ configuration: TrainingConfiguration, labelled: LabelledImages, input: ImageShape, continuing other: Learner
    ) throws {
        let next = try Trainer.makeNetwork(configuration, labelled: labelled, input: input)
        try next.load(other.network.tensors())
        next.dropoutState = other.network.dropoutState
        network = next
        optimizer = Optimizer(next.parameters, settings: configuration.optimizerSettings)
        try optimizer.restore(other.optimizer.state(), steps: other.optimizer.steps, from: "memory")
        average = try (configuration.averageDecay > 0 ? other.average : nil).map { old in
            let average = WeightAverage(next, decay: configuration.averageDecay)
            try average.restore(old.state(), steps: old.steps, from: "memory")
            return average
        }
        guesser = nil
    }

    /// Starts consistency training with the model that the first phase made, and a fresh optimiser.
    init(consistent configuration: TrainingConfiguration, labelled: LabelledImages, continuing other: Learner) throws {
        let settings = configuration.consistency
        network = try Trainer.makeNetwork(
            configuration, labelled: labelled, input: labelled.shape, batch: settings.batch)
        try network.load(other.modelTensors())
        optimizer = Optimizer(network.parameters, settings: configuration.consistencyOptimizerSettings)
        average = WeightAverage(network, decay: settings.averageDecay)
        let guesser = try Network(
            network.architecture, batch: settings.candidates, initialization: .zero,
            arithmetic: configuration.mixedPrecision ? .mixed : .single, threads: configuration.threads)
        try guesser.load(network.tensors())
        self.guesser = guesser
    }
}

extension Learner {
    /// What a checkpoint keeps: tensors, and counts by name.
    func state() throws -> (tensors: [String: Tensor], counts: [String: String]) {
        var tensors = try network.tensors().merging(optimizer.state()) { weight, _ in weight }
        if let average { tensors.merge(try average.state()) { weight, _ in weight } }
        var counts = ["optimizer steps": "\(optimizer.steps)", "dropout": "\(network.dropoutState)"]
        counts["average steps"] = average.map { "\($0.steps)" }
        return (tensors, counts)
    }

    /// Goes on from a checkpoint of the same phase, after so many steps; throws `checkpointMismatch` or
    /// `checkpointUnreadable`.
    func restore(_ file: WeightFile, step: Int) throws {
        let optimizerSteps = try file.steps("optimizer steps", upTo: step)
        let averageSteps = average == nil ? 0 : try file.steps("average steps", upTo: step)
        guard let dropoutState = file.metadata["dropout"].flatMap({ UInt64($0) }) else {
            throw LearningError.checkpointUnreadable(path: file.path, reason: "its metadata lack the state of dropout")
        }
        try network.load(network.tensors(of: file))
        try optimizer.restore(file.tensors, steps: optimizerSteps, from: file.path)
        network.dropoutState = dropoutState
        guard let average else { return }
        try average.restore(file.tensors, steps: averageSteps, from: file.path)
        try guesser?.load(average.tensors())
    }
}
