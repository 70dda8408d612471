import Foundation
import HashNets
import Testing

/// A quick training of few small images.
private func quick(_ recipe: TrainingRecipe, epochs: Int = 4) -> TrainingConfiguration {
    var configuration = TrainingConfiguration(recipe, bits: 8)
    configuration.epochs = epochs
    configuration.batch = 12
    configuration.labelledPerClass = 12
    configuration.queriesPerClass = 4
    configuration.threads = 1
    configuration.rate = 0.05
    configuration.averageDecay = 0.9
    configuration.augmentation.cutout = 4
    configuration.width = 8
    configuration.consistency.epochs = 2
    configuration.consistency.labelled = 4
    configuration.consistency.unlabelled = 6
    configuration.consistency.candidates = 8
    configuration.consistency.averageDecay = 0.9
    return configuration
}

@Suite(.serialized) struct RecipeTests {
    private let images = syntheticImages(perClass: 24, side: 16)

    private var unlabelled: UnlabelledImages {
        UnlabelledImages(pixels: syntheticImages(perClass: 8, side: 16, seed: 7).pixels, shape: images.shape)
    }

    @Test(arguments: [TrainingRecipe.twoStage, .triplet])
    func recipesLearn(recipe: TrainingRecipe) throws {
        let trainer = try Trainer(quick(recipe, epochs: 25), images: images)
        var losses: [Double] = []
        #expect(try trainer.run { losses.append($0.loss) })
        #expect(losses.count == trainer.steps && losses[losses.count - 1] < 0.8 * losses[0])
        #expect(try #require(try trainer.evaluate()).meanAveragePrecision > 0.6)
        #expect(trainer.supervision == .supervised)
    }

    @Test(arguments: [TrainingRecipe.twoStage, .triplet])
    func manyLabelledImagesAskForFewerPassesAndLessDecay(recipe: TrainingRecipe) throws {
        let usual = TrainingConfiguration(recipe)
        var configuration = usual
        configuration.labelledPerClass = .max
        configuration.queriesPerClass = 20
        for (perClass, share) in [(520, 1), (2_020, 0.5), (70, 1)] {
            var adapted = configuration
            try adapted.adapt(to: syntheticImages(perClass: perClass, side: 2))
            #expect(adapted.epochs == Int(110 * share))
            #expect(adapted.decay == usual.decay * share && adapted.strongShare == usual.strongShare * share)
            adapted.epochs = usual.epochs
            adapted.decay = usual.decay
            adapted.strongShare = usual.strongShare
            #expect(adapted == configuration)
        }
        // What is not learned from does not count.
        configuration.labelledPerClass = 100
        var few = configuration
        try few.adapt(to: syntheticImages(perClass: 2_020, side: 2))
        #expect(few == configuration)
    }

    @Test(arguments: [TrainingRecipe.cnnh, .cnnhPlus, .dnnh, .views])
    func otherRecipesAreWhatTheyAre(recipe: TrainingRecipe) throws {
        var configuration = TrainingConfiguration(recipe)
        configuration.labelledPerClass = .max
        let before = configuration
        try configuration.adapt(to: syntheticImages(perClass: 2_020, side: 2))
        #expect(configuration == before)
    }

    @Test func unlabelledImagesAreLearnedFromAfterLabelledOnes() throws {
        var configuration = quick(.twoStage, epochs: 8)
        configuration.usesRest = true
        let trainer = try Trainer(configuration, images: images, unlabelled: unlabelled)
        // 24 images of a class are 4 queries, 12 labelled and 8 others.
        #expect(trainer.unlabelledCount == 3 * 8 + 24 && trainer.supervision == .semiSupervised)
        var progress: [TrainingProgress] = []
        #expect(try trainer.run { progress.append($0) })
        #expect(progress.count == 8 * 3 + 2 * 6)
        #expect(progress.prefix(24).allSatisfy { $0.sureShare == nil })
        #expect(progress.dropFirst(24).allSatisfy { $0.sureShare.map { (0...1).contains($0) } == true })
        #expect(progress.filter(\.isEndOfEpoch).map(\.epoch) == Array(1...8) + [1, 2])
        let measured = try #require(try trainer.evaluate())
        try removing(temporaryPath("model")) { path in
            try trainer.writeModel(to: path, measured: measured)
            let metadata = try HashModel.load(path: path).metadata
            #expect(metadata["supervision"] == "semi-supervised" && metadata["unlabelled"] == "48")
            #expect(metadata["protocol"]?.contains("semi-supervised") == true)
        }
    }

    @Test func viewsAreLearnedWithoutClasses() throws {
        let trainer = try Trainer(quick(.views, epochs: 2), images: LabelledImages(unlabelled))
        var losses: [Double] = []
        #expect(try trainer.run { losses.append($0.loss) })
        #expect(losses.count == 2 * 4 && losses.allSatisfy(\.isFinite))
        #expect(try trainer.evaluate() == nil && trainer.supervision == .unsupervised)
        #expect(try trainer.model().bitCount == 8)
        // Where there are classes they serve the evaluation alone.
        #expect(try Trainer(quick(.views, epochs: 1), images: images).evaluate() != nil)
    }

    @Test(arguments: [TrainingRecipe.twoStage, .triplet, .views], [2, 8])
    func resumedTrainingEndsWithTheSameModel(recipe: TrainingRecipe, stop: Int) throws {
        var configuration = quick(recipe, epochs: 2)
        configuration.usesRest = recipe != .views
        configuration.consistency.epochs = 1
        let whole = try Trainer(configuration, images: images)
        try whole.run()
        try removing(temporaryPath("checkpoint")) { path in
            let first = try Trainer(configuration, images: images)
            #expect(try first.run(checkpointPath: path, control: { first.step == stop ? .stop : .proceed }) == false)
            let second = try Trainer(configuration, images: images)
            try second.resume(from: path)
            #expect(second.step == stop)
            #expect(try second.run(checkpointPath: path))
            #expect(try second.model(precision: .float32).fingerprint == whole.model(precision: .float32).fingerprint)
        }
    }

    @Test func codesOfAnImageAndItsMirrorImageAgree() throws {
        let trainer = try Trainer(quick(.twoStage, epochs: 1), images: images)
        let model = try trainer.model()
        let one = Array(images.pixels.prefix(images.shape.count))
        var mirrored: [UInt8] = []
        for row in 0..<16 {
            for column in (0..<16).reversed() {
                let start = (row * 16 + column) * 3
                mirrored += one[start..<start + 3]
            }
        }
        #expect(mirrored != one)
        #expect(try model.encode(pixels: one, count: 1) == model.encode(pixels: mirrored, count: 1))
        #expect(model.metadata["mirror"] == "averaged")
        var configuration = quick(.twoStage, epochs: 1)
        configuration.mirrors = false
        #expect(try Trainer(configuration, images: images).model().metadata["mirror"] == nil)
    }

    @Test func unfitUnlabelledImagesAreRefused() throws {
        #expect(throws: LearningError.self) { try Trainer(quick(.cnnh), images: images, unlabelled: unlabelled) }
        let larger = UnlabelledImages(
            pixels: syntheticImages(perClass: 2, side: 20).pixels,
            shape: ImageShape(channels: 3, height: 20, width: 20))
        #expect(throws: LearningError.self) { try Trainer(quick(.twoStage), images: images, unlabelled: larger) }
        let none = UnlabelledImages(pixels: [], shape: images.shape)
        #expect(throws: LearningError.self) { try Trainer(quick(.twoStage), images: images, unlabelled: none) }
        var odd = quick(.views)
        odd.batch = 7
        #expect(throws: LearningError.self) { try Trainer(odd, images: images) }
    }
}

@Suite struct WeightAverageTests {
    @Test func averageFollowsQuicklyAtFirstAndSlowlyLater() throws {
        let network = try Network(Architecture.cnnh(bits: 2), batch: 1, seed: 3)
        let average = WeightAverage(network, decay: 0.5)
        let bias = try #require(network.parameters.first { $0.name == "code.bias" })
        var expected: Float = 0
        for step in 0..<20 {
            try bias.setValues([Float(step), 1])
            average.update()
            let kept = min(0.5, Float(step + 1) / Float(step + 10))
            expected = kept * expected + (1 - kept) * Float(step)
        }
        let value = try #require(try average.tensors()["code.bias"]).values[0]
        #expect(abs(value - expected) < 1e-3 && average.steps == 20)
    }
}
