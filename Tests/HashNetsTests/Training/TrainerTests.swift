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
    configuration.dropout = recipe != .dnnh
    return configuration
}

func removing(_ path: String, _ body: (String) throws -> Void) rethrows {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
}

@Suite(.serialized) struct TrainerTests {
    private let images = syntheticImages(perClass: 20, side: 16)

    @Test(arguments: [TrainingRecipe.cnnh, .cnnhPlus])
    func twoStageModelsLearn(family: TrainingRecipe) throws {
        let trainer = try Trainer(quick(family, epochs: 30), images: images)
        var losses: [Double] = []
        let finished = try trainer.run { losses.append($0.loss) }
        #expect(finished && losses.count == 90)
        #expect(losses[89] < 0.8 * losses[0])
        let evaluation = try #require(try trainer.evaluate())
        #expect(evaluation.queryCount == 9 && evaluation.meanAveragePrecision > 0.6)
    }

    @Test func tripletNetworkLearnsFromCropsAndWholeImages() throws {
        var configuration = quick(.dnnh, epochs: 4)
        configuration.bits = 4
        configuration.cropSide = 12
        configuration.croppedShare = 0.5
        let trainer = try Trainer(configuration, images: images)
        var progress: [TrainingProgress] = []
        try trainer.run { progress.append($0) }
        #expect(progress.map(\.step) == Array(1...12))
        #expect(progress.filter(\.isEndOfEpoch).map(\.epoch) == [1, 2, 3, 4])
        #expect(progress.allSatisfy { $0.loss.isFinite })
        #expect(try trainer.model().bitCount == 4)
    }

    @Test(arguments: [TrainingRecipe.cnnhPlus, .dnnh])
    func resumedTrainingEndsWithTheSameModel(family: TrainingRecipe) throws {
        var configuration = quick(family, epochs: 2)
        configuration.cropSide = family == .dnnh ? 12 : 0
        configuration.croppedShare = 0.5
        let whole = try Trainer(configuration, images: images)
        try whole.run()
        try removing(temporaryPath("checkpoint")) { path in
            let first = try Trainer(configuration, images: images)
            #expect(try first.run(checkpointPath: path, control: { first.step == 4 ? .stop : .proceed }) == false)
            #expect(first.step == 4)
            let second = try Trainer(configuration, images: images)
            try second.resume(from: path)
            #expect(second.step == 4)
            #expect(try second.run(checkpointPath: path))
            #expect(try second.model(precision: .float32).fingerprint == whole.model(precision: .float32).fingerprint)
        }
    }

    @Test func checkpointOfAnotherTrainingIsRefused() throws {
        try removing(temporaryPath("checkpoint")) { path in
            try Trainer(quick(.cnnh), images: images).writeCheckpoint(to: path)
            for change in [{ $0.rate *= 2 }, { $0.averageDecay = 0.9 }, { $0.averagesMirror = true }]
                as [(inout TrainingConfiguration) -> Void]
            {
                var other = quick(.cnnh)
                change(&other)
                let trainer = try Trainer(other, images: images)
                #expect(throws: LearningError.self) { try trainer.resume(from: path) }
            }
            let fewer = images.subset(Array(0..<images.count - 1))
            let second = try Trainer(quick(.cnnh), images: fewer)
            #expect(throws: LearningError.self) { try second.resume(from: path) }
            try Data("no weights".utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: LearningError.self) { try Trainer(quick(.cnnh), images: images).resume(from: path) }
        }
    }

    @Test func writtenModelCarriesItsProvenance() throws {
        let trainer = try Trainer(quick(.cnnhPlus, epochs: 1), images: images)
        try trainer.run()
        try removing(temporaryPath("model.safetensors")) { path in
            try trainer.writeModel(to: path, measured: try trainer.evaluate())
            let model = try HashModel.load(path: path)
            #expect(model.metadata["arch"] == "cnnh+32")
            #expect(model.metadata["split"] == trainer.split.fingerprint)
            #expect(model.metadata["seed"] == "1" && model.metadata["epochs"] == "1")
            #expect(Double(model.metadata["map"] ?? "").map { 0...1 ~= $0 } == true)
            #expect(try model.fingerprint == trainer.model().fingerprint)
        }
    }

    @Test func poorInputIsRefusedWithANameAndAWayOut() throws {
        #expect(throws: LearningError.tooFewClasses(found: 1)) {
            try Trainer(quick(.cnnh), images: syntheticImages(perClass: 9, classes: 1, side: 16))
        }
        #expect(throws: LearningError.tooFewImages(className: "class 2", needed: 2, found: 1)) {
            try Trainer(quick(.dnnh), images: syntheticImages(perClass: 2, side: 16).subset([0, 1, 2, 3, 4]))
        }
        var configuration = quick(.cnnh)
        configuration.epochs = 0
        #expect(throws: LearningError.settingInvalid(name: "epochs", reason: "is 0, must be from 1 to 1000000")) {
            try Trainer(configuration, images: images)
        }
        for change in [
            { $0.epochs = .max }, { $0.batch = 1 << 40 }, { $0.threads = 1 << 40 }, { $0.consistency.epochs = .max },
            { $0.augmentation.shift = -1 }, { $0.strongAugmentation.cutout = .nan },
            { $0.strongAugmentation.scaling = 1 },
        ] as [(inout TrainingConfiguration) -> Void] {
            var configuration = quick(.cnnh)
            change(&configuration)
            #expect(throws: LearningError.self) { try Trainer(configuration, images: images) }
        }
        // A class that has images for tests alone.
        var parts = images
        parts.isTest = images.labels.map { $0 == 1 }
        var tested = quick(.dnnh)
        tested.usesTestPart = true
        #expect(throws: LearningError.tooFewImages(className: "class 1", needed: 2, found: 0)) {
            try Trainer(tested, images: parts)
        }
        var broken = images
        broken.pixels.removeLast()
        #expect(throws: LearningError.self) { try Trainer(quick(.cnnh), images: broken) }
    }

    @Test func batchesHoldEquallyManyOfEachClass() {
        let batches = BalancedBatches(classes: [Array(0..<20), Array(20..<40), Array(40..<45)], size: 9)
        let epoch = batches.epoch(seed: 3)
        #expect(epoch.count == 5)
        for batch in epoch {
            #expect(batch.count { $0 < 20 } == 3 && batch.count { $0 >= 40 } == 3)
        }
        #expect(epoch == batches.epoch(seed: 3) && epoch != batches.epoch(seed: 4))
        let whole = BalancedBatches(classes: (0..<10).map { label in (0..<10).map { label * 10 + $0 } }, size: 20)
        #expect(whole.epoch(seed: 1).flatMap { $0 }.sorted() == Array(0..<100))
        let many = BalancedBatches(classes: (0..<50).map { [2 * $0, 2 * $0 + 1] }, size: 20)
        #expect(Set(many.epoch(seed: 1).flatMap { $0 }).count == 100)
    }

    @Test func fittedWeightsGiveCentredOutputs() throws {
        let network = try Network(Architecture.dnnh(bits: 4), batch: 8, seed: 3)
        let planes = normals(8 * network.architecture.input.count, seed: 5).map { Float($0) }
        try ComputeThread.shared.run { try network.fitWeights(to: planes, count: 8, outputDeviation: 0.5) }
        let logits = try ComputeThread.shared.run { try network.forward(planes) }
        for bit in 0..<4 {
            let values = (0..<8).map { Double(logits[$0 * 4 + bit]) }
            let mean = values.reduce(0, +) / 8
            let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8).squareRoot()
            #expect(abs(mean) < 1e-2 && abs(deviation - 0.5) < 1e-2)
        }
    }
}
