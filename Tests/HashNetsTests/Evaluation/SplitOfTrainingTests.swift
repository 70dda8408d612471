import HashNets
import Testing

/// The split of a training, and what its weight file says of it to an evaluation.
@Suite(.serialized) struct SplitOfTrainingTests {
    /// Classes of 24, 24 and `last` images.
    private func images(last: Int) -> LabelledImages {
        let all = syntheticImages(perClass: 24, side: 16)
        return all.subset(Array(0..<48 + last))
    }

    private func trainer(_ images: LabelledImages, fullConnection: Bool = false) throws -> Trainer {
        var configuration = TrainingConfiguration(.dnnh, bits: 8)
        configuration.epochs = 1
        configuration.batch = 12
        configuration.threads = 1
        configuration.cropSide = 0
        configuration.fullConnection = fullConnection
        return try Trainer(configuration, images: images)
    }

    private func perClass(_ indices: [Int], _ images: LabelledImages) -> [Int] {
        images.classNames.indices.map { label in indices.count { images.labels[$0] == label } }
    }

    @Test func aSmallClassGivesWhatItHasAndTheOthersAllOfTheirs() throws {
        let images = images(last: 3)
        let trainer = try trainer(images)
        #expect(perClass(trainer.split.queries, images) == [4, 4, 0])
        #expect(perClass(trainer.split.labelled, images) == [20, 20, 3])
        let model = try trainer.model()
        #expect(model.metadata["split_fits"] == "classes")
        let plan = try EvaluationPlan(
            .p1, images: images, learnedClasses: model.learnedClasses, queriesPerClass: 4, labelledPerClass: 20,
            fitsClasses: true, seed: 1)
        #expect(plan.split == trainer.split)
        #expect(throws: LearningError.tooFewImages(className: "class 2", needed: 24, found: 3)) {
            try EvaluationPlan(
                .p1, images: images, learnedClasses: nil, queriesPerClass: 4, labelledPerClass: 20, seed: 1)
        }
        #expect(throws: LearningError.tooFewImages(className: "class 2", needed: 2, found: 1)) {
            try self.trainer(self.images(last: 1))
        }
    }

    @Test func equalClassesAreSplitAsTheProtocolSays() throws {
        let images = images(last: 24)
        let trainer = try trainer(images)
        #expect(try trainer.split == ProtocolSplit(images, queriesPerClass: 4, labelledPerClass: 20, seed: 1))
        let metadata = try trainer.model().metadata
        #expect(metadata["split_queries"] == "4" && metadata["split_labelled"] == "20" && metadata["split_fits"] == nil)
    }

    /// The indices of a split mean other images where a file has another name.
    @Test func imagesInAnotherOrderAreNoticed() throws {
        let images = images(last: 24)
        let model = try trainer(images).model()
        func mayHaveLearnedQueries(_ images: LabelledImages) throws -> Bool {
            try EvaluationPlan(
                .p1, images: images, learnedClasses: model.learnedClasses, queriesPerClass: 4, labelledPerClass: 20,
                seed: 1
            ).mayHaveLearnedQueries(of: model)
        }
        #expect(try !mayHaveLearnedQueries(images))
        #expect(try mayHaveLearnedQueries(images.subset([1, 0] + Array(2..<images.count))))
    }

    @Test func aCheckpointOfOtherImagesIsRefused() throws {
        let images = images(last: 24)
        let path = temporaryPath("checkpoint")
        try trainer(images).writeCheckpoint(to: path)
        try trainer(images).resume(from: path)
        let others = images.subset([1, 0] + Array(2..<images.count))
        #expect { try trainer(others).resume(from: path) } throws: {
            if case .checkpointMismatch = $0 as? LearningError { true } else { false }
        }
    }

    @Test func fullConnectionIsAnArchitectureOfItsOwn() throws {
        #expect(try trainer(images(last: 24), fullConnection: true).model().name == "dnnh-nin32-fc, 8 bits")
        var configuration = TrainingConfiguration(.cnnh)
        configuration.fullConnection = true
        #expect(throws: LearningError.self) { try configuration.check() }
    }

    /// With normalisation the loss stays a number while weights grow.
    @Test func aTrainingThatGetsNowhereSaysSo() throws {
        var configuration = TrainingConfiguration(.twoStage, bits: 8)
        configuration.epochs = 2
        configuration.batch = 12
        configuration.threads = 1
        configuration.width = 4
        configuration.rate = 1e30
        let trainer = try Trainer(configuration, images: images(last: 24))
        #expect {
            try trainer.run()
            _ = try trainer.model()
        } throws: {
            if case .trainingDiverged = $0 as? LearningError { true } else { false }
        }
    }

    @Test func projectionsTakeTheMeanOfTheDatabase() throws {
        let images = images(last: 24)
        let projections = try RandomProjections(dimension: images.shape.count, bits: 8, batch: 1, seed: 1)
        let hashing = try LocalitySensitiveHashing(
            projections, splitting: images, queriesPerClass: 4, labelledPerClass: 20, seed: 1)
        let split = try ProtocolSplit(images, queriesPerClass: 4, labelledPerClass: 20, seed: 1)
        let model = try hashing.model()
        let same = try LocalitySensitiveHashing(projections, of: images.subset(split.database)).model()
        #expect(model.fingerprint == same.fingerprint)
        #expect(model.metadata["split"] == split.fingerprint && model.metadata["supervision"] == "unsupervised")
        #expect(try model.fingerprint != LocalitySensitiveHashing(projections, of: images).model().fingerprint)
    }
}
