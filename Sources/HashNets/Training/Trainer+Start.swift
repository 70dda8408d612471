import Foundation

extension Trainer {
    /// As many queries and labelled images per class as the configuration asks for, or as the smallest class allows.
    static func split(_ images: LabelledImages, _ configuration: TrainingConfiguration) throws -> ProtocolSplit {
        try images.check()
        if !configuration.recipe.isSupervised, images.classNames.count < 2 {
            return ProtocolSplit(databaseOf: images.count)
        }
        return try ProtocolSplit(
            fitting: images, queriesPerClass: configuration.queriesPerClass,
            labelledPerClass: configuration.labelledPerClass, usesTestPart: configuration.usesTestPart,
            seed: configuration.seed)
    }

    /// Throws where a class is learned from that has not two images.
    static func check(classesOf labelled: LabelledImages) throws {
        for (number, indices) in labelled.indicesOfClasses.enumerated() where indices.count < 2 {
            throw LearningError.tooFewImages(
                className: labelled.haveSeveralLabels ? "all" : labelled.classNames[number], needed: 2,
                found: indices.count)
        }
    }

    /// The images that are learned from without labels.
    static func pool(
        _ configuration: TrainingConfiguration, images: LabelledImages, labelled: LabelledImages, split: ProtocolSplit,
        others: UnlabelledImages?
    ) throws -> ImagePool {
        var pool = ImagePool(shape: images.shape)
        guard configuration.recipe.takesUnlabelled else {
            if others != nil || configuration.usesRest {
                throw LearningError.unlabelledInvalid(
                    reason: "recipe \(configuration.recipe.rawValue) learns from labelled ones alone")
            }
            return pool
        }
        if configuration.recipe.isSupervised, images.haveSeveralLabels, others != nil || configuration.usesRest {
            throw LearningError.unlabelledInvalid(
                reason: "guesses are of one class an image, and images have several labels")
        }
        if !configuration.recipe.isSupervised {
            pool.append(labelled.pixels, indices: Array(0..<labelled.count))
        } else if configuration.usesRest {
            let used = Set(split.labelled)
            pool.append(images.pixels, indices: split.database.filter { !used.contains($0) })
        }
        if let others {
            guard others.shape == images.shape, others.pixels.count == others.count * others.shape.count else {
                throw LearningError.unlabelledInvalid(reason: "they are \(others.shape), the labelled \(images.shape)")
            }
            pool.append(others.pixels, indices: Array(0..<others.count))
        }
        if others != nil || configuration.usesRest || !configuration.recipe.isSupervised, pool.count < 2 {
            throw LearningError.unlabelledInvalid(reason: "there are \(pool.count), at least 2 are needed")
        }
        return pool
    }

    /// The recipe's network for training on images of the given size.
    static func makeNetwork(
        _ configuration: TrainingConfiguration, labelled: LabelledImages, input: ImageShape, batch: Int? = nil
    ) throws -> Network {
        let network = try Network(
            configuration.architecture(classes: labelled.classNames.count, input: input),
            batch: batch ?? configuration.batch, training: true, seed: mixed(configuration.seed, -2),
            arithmetic: configuration.mixedPrecision ? .mixed : .single, threads: configuration.threads)
        network.dropsValues = configuration.dropout
        return network
    }
}

extension Learner {
    /// A network with start weights and its optimiser.
    init(
        starting configuration: TrainingConfiguration, labelled: LabelledImages, preprocessing: Preprocessing
    ) throws {
        self = try ComputeThread.shared.run {
            let input = configuration.inputShape(ofEpoch: 0, images: labelled.shape)
            let network = try Trainer.makeNetwork(configuration, labelled: labelled, input: input)
            if configuration.fitsInitialization {
                let order = BalancedBatches(classes: labelled.indicesOfClasses, size: min(100, labelled.count))
                let sample = order.epoch(seed: mixed(configuration.seed, -1))[0]
                var planes = [Float](repeating: 0, count: sample.count * labelled.shape.count)
                labelled.subset(sample).pixels.withUnsafeBufferPointer {
                    preprocessing.normalize($0, shape: labelled.shape, into: &planes)
                }
                if input == labelled.shape {
                    try network.fitWeights(
                        to: planes, count: sample.count, outputDeviation: 0.5, threads: configuration.threads)
                } else {
                    try Trainer.makeNetwork(configuration, labelled: labelled, input: labelled.shape).fit(
                        network, to: planes, count: sample.count, threads: configuration.threads)
                }
            }
            return Learner(
                network: network, optimizer: Optimizer(network.parameters, settings: configuration.optimizerSettings),
                average: configuration.averageDecay > 0
                    ? WeightAverage(network, decay: configuration.averageDecay) : nil,
                guesser: nil)
        }
    }
}

extension Network {
    /// Fits this network's weights to whole images, and hands them to the network that trains, maybe on crops.
    fileprivate func fit(_ trained: Network, to images: [Float], count: Int, threads: Int) throws {
        try load(trained.tensors())
        try fitWeights(to: images, count: count, outputDeviation: 0.5, threads: threads)
        try trained.load(tensors())
    }
}

extension TrainingConfiguration {
    /// What the network sees in an epoch: whole images, or crops of them at first.
    func inputShape(ofEpoch epoch: Int, images: ImageShape) -> ImageShape {
        guard cropSide > 0, Double(epoch) < croppedShare * Double(epochs) else { return images }
        return ImageShape(
            channels: images.channels, height: min(cropSide, images.height), width: min(cropSide, images.width))
    }

    /// The learning rate of a step.
    func rate(ofStep step: Int, of steps: TrainingSteps) -> Double {
        guard steps.isConsistent(step) else {
            return rate * schedule.factor(step: step, of: steps.first, warmUp: warmUp)
        }
        let done = step - steps.first
        let rise = min(1, Double(done + 1) / Double(max(min(consistency.warmUp, steps.consistency / 4), 1)))
        return consistency.rate * rise * 0.5 * (1 + cos(.pi * Double(done) / Double(max(steps.consistency, 1))))
    }

    /// The optimiser of consistency training.
    var consistencyOptimizerSettings: OptimizerSettings {
        var settings = optimizerSettings
        settings.decay = Float(consistency.decay)
        return settings
    }

    /// What the optimiser needs to know.
    var optimizerSettings: OptimizerSettings {
        var settings = OptimizerSettings()
        settings.method = method
        settings.momentum = Float(momentum)
        settings.decay = Float(decay)
        settings.biasRate = Float(biasRate)
        settings.largestNorm = Float(largestNorm)
        settings.centralizes = centralizesGradients
        return settings
    }
}

extension Preprocessing {
    /// Mean and deviation of each channel over the pixels of the images, so that the network's inputs have 0 and 1.
    init(fitting images: LabelledImages) {
        let channels = images.shape.channels
        var sums = [Double](repeating: 0, count: channels)
        var squares = sums
        for (index, pixel) in images.pixels.enumerated() {
            let value = Double(pixel) / 255
            sums[index % channels] += value
            squares[index % channels] += value * value
        }
        let count = Double(max(images.pixels.count / channels, 1))
        let means = sums.map { $0 / count }
        let deviations = zip(means, squares).map { mean, square in
            max((square / count - mean * mean).squareRoot(), 1.0 / 255)
        }
        self.init(mean: means.map { Float($0) }, deviation: deviations.map { Float($0.isNaN ? 1 : $0) })
    }
}
