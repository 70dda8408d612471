extension Trainer {
    /// As many queries and labelled images per class as the configuration asks for, or as the smallest class allows.
    static func split(_ images: LabelledImages, _ configuration: TrainingConfiguration) throws -> ProtocolSplit {
        try images.check()
        let sizes = images.indicesOfClasses.map(\.count)
        guard sizes.count >= 2 else { throw LearningError.tooFewClasses(found: sizes.count) }
        let smallest = sizes.min() ?? 0
        let queries = min(configuration.queriesPerClass, smallest / 6)
        return try ProtocolSplit(
            images, queriesPerClass: queries,
            labelledPerClass: max(2, min(configuration.labelledPerClass, smallest - queries)), seed: configuration.seed)
    }

    /// A network with start weights and its optimiser.
    static func start(
        _ configuration: TrainingConfiguration, labelled: LabelledImages, preprocessing: Preprocessing
    ) throws -> (Network, Optimizer) {
        try ComputeThread.shared.run {
            let input = configuration.inputShape(ofEpoch: 0, images: labelled.shape)
            let network = try makeNetwork(configuration, labelled: labelled, input: input)
            if configuration.fitsInitialization {
                let order = BalancedBatches(classes: labelled.indicesOfClasses, size: min(100, labelled.count))
                let sample = order.epoch(seed: mixed(configuration.seed, -1))[0]
                var planes = [Float](repeating: 0, count: sample.count * labelled.shape.count)
                labelled.subset(sample).pixels.withUnsafeBufferPointer {
                    preprocessing.normalize($0, shape: labelled.shape, into: &planes)
                }
                try makeNetwork(configuration, labelled: labelled, input: labelled.shape).fit(
                    network, to: planes, count: sample.count)
            }
            return (network, Optimizer(network.parameters, settings: configuration.optimizerSettings))
        }
    }

    /// The family's network for training on images of the given size.
    static func makeNetwork(
        _ configuration: TrainingConfiguration, labelled: LabelledImages, input: ImageShape
    ) throws -> Network {
        let network = try Network(
            configuration.architecture(classes: labelled.classNames.count, input: input), batch: configuration.batch,
            training: true, seed: mixed(configuration.seed, -2),
            arithmetic: configuration.mixedPrecision ? .mixed : .single, threads: configuration.threads)
        network.dropsValues = configuration.dropout
        return network
    }
}

extension Network {
    /// Fits this network's weights to whole images, and hands them to the network that trains, maybe on crops.
    fileprivate func fit(_ trained: Network, to images: [Float], count: Int) throws {
        try load(trained.tensors())
        try fitWeights(to: images, count: count, outputDeviation: 0.5)
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

    /// The family's network.
    func architecture(classes: Int, input: ImageShape) throws -> Architecture {
        switch family {
        case .cnnh: try .cnnh(bits: bits, input: input)
        case .cnnhPlus: try .cnnhPlus(bits: bits, classes: classes, input: input)
        case .dnnh: try .dnnh(bits: bits, input: input)
        }
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
