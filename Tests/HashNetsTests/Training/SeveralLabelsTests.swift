import HashNets
import Testing

/// Images with the labels "bright above" and "bright on the left", each, both or none, and one that all have at times.
private func images(count: Int) -> LabelledImages {
    var generator = SeededGenerator(seed: 3)
    var pixels: [UInt8] = []
    var sets: [Set<Int>] = []
    for number in 0..<count {
        sets.append(Set((0..<2).filter { number >> $0 & 1 == 1 } + (number.isMultiple(of: 7) ? [2] : [])))
        for row in 0..<16 {
            for column in 0..<16 {
                let isAbove = number & 1 == 1 && row < 8
                let isLeft = number & 2 == 2 && column < 8
                let base = 40 + (isAbove ? 80 : 0) + (isLeft ? 80 : 0)
                pixels += (0..<3).map { _ in UInt8(base + Int.random(in: 0..<40, using: &generator)) }
            }
        }
    }
    return LabelledImages(
        pixels: pixels, labelSets: sets, classNames: ["above", "left", "seventh"],
        shape: ImageShape(channels: 3, height: 16, width: 16))
}

private func quick(_ recipe: TrainingRecipe) -> TrainingConfiguration {
    var configuration = TrainingConfiguration(recipe, bits: 8)
    configuration.epochs = 10
    configuration.batch = 12
    configuration.queriesPerClass = 12
    configuration.labelledPerClass = .max
    configuration.threads = 1
    configuration.width = 8
    configuration.mirrors = false
    return configuration
}

@Suite struct SeveralLabelsTests {
    @Test(arguments: [TrainingRecipe.twoStage, .cnnh, .cnnhPlus])
    func imagesWithSeveralLabelsAreLearned(recipe: TrainingRecipe) throws {
        let images = images(count: 96)
        let trainer = try Trainer(quick(recipe), images: images)
        #expect(trainer.split.queries.count == 12 && trainer.split.labelled.count == 84)
        var losses: [Double] = []
        #expect(try trainer.run { losses.append($0.loss) })
        #expect(losses[losses.count - 1] < 0.9 * losses[0])
        let model = try trainer.model()
        let evaluation = try RetrievalEvaluation(model: model, images: images, split: trainer.split)
        let chance =
            trainer.split.queries.map { query in
                Double(trainer.split.database.count { images.areAlike(query, $0) })
                    / Double(trainer.split.database.count)
            }.reduce(0, +) / 12
        #expect(evaluation.meanAveragePrecision > chance)
    }

    @Test func lossIsASumOfBinaryOnesWithTheGradientOfItsValue() {
        let loss = MultiLabelLoss(bits: 3, classes: 4, labelWeight: 0.3)
        let logits = uniforms(2 * 7, -2...2, seed: 5)
        let targets: [Float] = [0, 1, 1, 1, 0, 0.5]
        let sets: [Set<Int>] = [[1, 3], []]
        #expect(gradientError(logits) { loss.evaluate(logits: $0, targets: targets, sets: sets) } < 5e-3)
        // Without label outputs it is CNNH's.
        let codes = MultiLabelLoss(bits: 7, classes: 0, labelWeight: 1)
        let goal = uniforms(14, 0...1, seed: 6)
        let (one, other) = (
            codes.evaluate(logits: logits, targets: goal, sets: sets),
            CodeLoss(bits: 7).evaluate(logits: logits, targets: goal, labels: [0, 0])
        )
        #expect(abs(one.value - other.value) < 1e-5)
        #expect(zip(one.gradient, other.gradient).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func splitsDivideAllImagesAndAreEqualForEqualSeeds() throws {
        let images = images(count: 40)
        let split = try ProtocolSplit(images, queries: 10, labelled: 20, seed: 4)
        #expect(Set(split.queries).isDisjoint(with: split.database) && split.queries.count == 10)
        #expect(split.database.count == 30 && Set(split.labelled).isSubset(of: split.database))
        #expect(try split == ProtocolSplit(images, queries: 10, labelled: 20, seed: 4))
        #expect(throws: LearningError.self) { try ProtocolSplit(images, queries: 39, labelled: 20, seed: 4) }
    }

    @Test func alikeMeansALabelInCommon() {
        let images = images(count: 8)
        for first in 0..<8 {
            for second in 0..<8 {
                let expected = !images.labelSets[first].isDisjoint(with: images.labelSets[second])
                #expect(images.areAlike(first, second) == expected)
            }
        }
        #expect(images.subset([3, 0]).labelSets == [images.labelSets[3], images.labelSets[0]])
    }

    @Test func recipesThatNeedOneClassSaySo() {
        for recipe in [TrainingRecipe.triplet, .dnnh] {
            #expect(throws: LearningError.severalLabels(by: "recipe \(recipe.rawValue)")) {
                try Trainer(quick(recipe), images: images(count: 24))
            }
        }
        var configuration = quick(.twoStage)
        configuration.usesRest = true
        #expect(throws: LearningError.self) { try Trainer(configuration, images: images(count: 24)) }
        var broken = images(count: 24)
        broken.labelSets[3] = [9]
        #expect(throws: LearningError.self) { try Trainer(quick(.twoStage), images: broken) }
    }
}
