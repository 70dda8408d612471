import Foundation
import HashNets
import Testing

/// A quick training of few narrow filters.
private func quick(_ network: TrainingNetwork, _ recipe: TrainingRecipe, epochs: Int = 2) -> TrainingConfiguration {
    var configuration = TrainingConfiguration(recipe, on: network, bits: 8)
    configuration.networkWidths = network == .alexNet ? [8, 16, 12, 20, 8, 24, 20] : [12, 20, 16, 24, 5]
    configuration.epochs = epochs
    configuration.batch = 12
    configuration.labelledPerClass = 8
    configuration.queriesPerClass = 2
    configuration.rate = 2e-3
    configuration.threads = 1
    return configuration
}

@Suite(.serialized) struct LargeNetworkTrainingTests {
    private let images = syntheticImages(perClass: 10, side: 67)

    /// On one batch, without chance: what a step down the gradient is for.
    @Test func oneStepLowersTheLoss() throws {
        let input = images.shape
        let labels = (0..<12).map { $0 % 3 }
        let twoStage = CodeLoss(bits: 6, classes: 3)
        let triplets = LogitTripletLoss(triplet: TripletLoss(bits: 6, margin: 9))
        let targets = labels.flatMap { label in (0..<6).map { bit in bit % 3 == label ? Float(1) : 0 } }
        let cases: [(Architecture, ([Float]) -> LossValue)] = [
            (
                try .alexNet(bits: 6, classes: 3, input: input, widths: [8, 16, 12, 20, 8, 24, 20]),
                { twoStage.evaluate(logits: $0, targets: targets, labels: labels) }
            ),
            (
                try .networkInNetwork(bits: 6, input: input, widths: [12, 20, 16, 24, 5]),
                { triplets.evaluateBatch(logits: $0, labels: labels).loss }
            ),
        ]
        for (architecture, loss) in cases {
            let network = try Network(architecture, batch: 12, training: true, seed: 3, threads: 1)
            network.dropsValues = false
            var planes = [Float](repeating: 0, count: 12 * input.count)
            let chosen = labels.enumerated().map { $0.element * 10 + $0.offset / 3 }
            images.subset(chosen).pixels.withUnsafeBufferPointer {
                Preprocessing(mean: [0.4, 0.4, 0.4], deviation: [0.2, 0.2, 0.2])
                    .normalize($0, shape: input, into: &planes)
            }
            let before = loss(try network.forward(planes))
            try network.backward(before.gradient)
            for parameter in network.parameters {
                let step = try parameter.gradients().map { 1e-3 * $0 }
                try parameter.setValues(zip(parameter.values(), step).map { $0 - $1 })
            }
            #expect(loss(try network.forward(planes)).value < before.value, "\(architecture.name)")
        }
    }

    @Test(arguments: [
        (TrainingNetwork.alexNet, TrainingRecipe.cnnh), (.alexNet, .cnnhPlus), (.networkInNetwork, .dnnh),
    ])
    func savedModelGivesTheCodesOfTheTrainedOne(network: TrainingNetwork, recipe: TrainingRecipe) throws {
        let trainer = try Trainer(quick(network, recipe), images: images)
        #expect(try trainer.run())
        try removing(temporaryPath("model.safetensors")) { path in
            try trainer.writeModel(to: path, precision: .float32)
            let model = try HashModel.load(path: path)
            let codes = try model.encode(pixels: images.pixels, count: images.count)
            #expect(Set(codes).count > 1)
            #expect(try trainer.model(precision: .float32).encode(pixels: images.pixels, count: images.count) == codes)
            #expect(model.input == images.shape)
            #expect(model.metadata["widths"] == (network == .alexNet ? "8,16,12,20,8,24,20" : "12,20,16,24,5"))
            #expect(model.metadata["train"]?.contains("network \(network.rawValue)") == true)
            let name = recipe == .dnnh ? "dnnh-nin224" : recipe == .cnnh ? "cnnh-alexnet227" : "cnnh+alexnet227"
            #expect(model.name == "\(name), 8 bits")
        }
    }

    @Test func narrowNetworksLearn() throws {
        var configuration = quick(.alexNet, .cnnhPlus, epochs: 50)
        // Half of so few features are none at all in some batches.
        configuration.dropout = false
        let trainer = try Trainer(configuration, images: images)
        var losses: [Double] = []
        try trainer.run { losses.append($0.loss) }
        #expect(losses.suffix(10).reduce(0, +) / 10 < 0.8 * losses[0])
    }

    /// With dropout, whose generator a checkpoint has to keep.
    @Test(arguments: [1, 2]) func resumedTrainingEndsWithTheSameModel(threads: Int) throws {
        var configuration = quick(.alexNet, .cnnhPlus)
        configuration.batch = 16
        configuration.threads = threads
        let whole = try Trainer(configuration, images: images)
        try whole.run()
        try removing(temporaryPath("checkpoint")) { path in
            let first = try Trainer(configuration, images: images)
            try first.run(checkpointPath: path, control: { .stop })
            let second = try Trainer(configuration, images: images)
            try second.resume(from: path)
            #expect(second.step == 1)
            try second.run()
            #expect(try second.model(precision: .float32).fingerprint == whole.model(precision: .float32).fingerprint)
        }
    }

    @Test func networksOfOtherRecipesAreRefused() throws {
        var configuration = TrainingConfiguration(.twoStage)
        configuration.network = .alexNet
        #expect(throws: LearningError.self) { try configuration.check() }
        #expect(throws: LearningError.self) { try TrainingConfiguration(.dnnh, on: .alexNet).check() }
        #expect(throws: LearningError.self) { try TrainingConfiguration(.cnnh, on: .networkInNetwork).check() }
        var widths = TrainingConfiguration(.cnnh)
        widths.networkWidths = [1]
        #expect(throws: LearningError.self) { try widths.check() }
        for network in TrainingNetwork.allCases {
            for recipe in network.recipes { try TrainingConfiguration(recipe, on: network).check() }
        }
    }
}
