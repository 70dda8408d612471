import Foundation
import HashNets
import Testing

@Suite(.serialized) struct ValidationTests {
    private let images = syntheticImages(perClass: 30, side: 16)

    private func configuration(epochs: Int = 20, patience: Int = 0) -> TrainingConfiguration {
        var configuration = TrainingConfiguration(.cnnhPlus, bits: 8)
        configuration.epochs = epochs
        configuration.batch = 12
        configuration.labelledPerClass = 20
        configuration.queriesPerClass = 4
        configuration.validationPerClass = 5
        configuration.patience = patience
        configuration.threads = 1
        return configuration
    }

    @Test func judgesAboutTenTimesAndKeepsTheBestWeights() throws {
        let trainer = try Trainer(configuration(), images: images)
        var found: [(step: Int, value: Double)] = []
        try trainer.run { progress in progress.meanAveragePrecision.map { found.append((progress.step, $0)) } }
        #expect(found.map(\.step) == (1...10).map { trainer.steps / 10 * $0 })
        #expect(found.allSatisfy { 0...1 ~= $0.value })
        let best = try #require(found.max { $0.value < $1.value })
        try removing(temporaryPath("model")) { path in
            try trainer.writeModel(to: path)
            let note = try #require(try HashModel.load(path: path).metadata["validation"])
            #expect(note.hasSuffix("after step \(best.step), the best of \(trainer.steps) of \(trainer.steps)"))
        }
    }

    @Test func weightsOfTheBestJudgementAreThoseOfThatStep() throws {
        // A rate that ruins the network late: the model must be that of the best step, which a stopped training has too.
        var settings = configuration()
        settings.rate = 0.05
        let trainer = try Trainer(settings, images: images)
        var found: [(step: Int, value: Double)] = []
        try trainer.run { progress in progress.meanAveragePrecision.map { found.append((progress.step, $0)) } }
        var best = found[0]
        for later in found where later.value > best.value { best = later }
        let stopped = try Trainer(settings, images: images)
        try stopped.run(control: { stopped.step == best.step ? .stop : .proceed })
        #expect(
            try trainer.model(precision: .float32).fingerprint == stopped.model(precision: .float32).fingerprint)
    }

    @Test func imagesForValidationAreNotLearnedFrom() throws {
        // Changing them must change nothing that is learned.
        var settings = configuration(epochs: 2)
        settings.validationPerClass = 5
        let plain = try Trainer(settings, images: images)
        var losses: [Double] = []
        try plain.run { losses.append($0.loss) }
        let judges = Set((0..<3).flatMap { plain.split.labelled[($0 * 20)..<($0 * 20 + 20)].suffix(5) })
        var changed = images
        for image in judges {
            for place in image * images.shape.count..<(image + 1) * images.shape.count { changed.pixels[place] ^= 0x55 }
        }
        var others: [Double] = []
        try Trainer(settings, images: changed).run { others.append($0.loss) }
        #expect(losses == others)
    }

    @Test func stopsEarlyWhenNothingGetsBetter() throws {
        let trainer = try Trainer(configuration(epochs: 60, patience: 2), images: images)
        var found: [Double] = []
        let isDone = try trainer.run { progress in progress.meanAveragePrecision.map { found.append($0) } }
        #expect(isDone)
        // As many as the rule says, and no step more.
        var (best, later) = (-1.0, 0)
        for (number, value) in found.enumerated() {
            (best, later) = value > best ? (value, 0) : (best, later + 1)
            if later == 2 { #expect(number == found.count - 1) }
        }
        #expect(trainer.hasStoppedEarly == (later == 2 && found.count < 10))
        #expect(trainer.hasStoppedEarly)
    }

    @Test func resumedTrainingKeepsTheBestWeights() throws {
        let whole = try Trainer(configuration(epochs: 10, patience: 9), images: images)
        try whole.run()
        try removing(temporaryPath("checkpoint")) { path in
            let first = try Trainer(configuration(epochs: 10, patience: 9), images: images)
            try first.run(checkpointPath: path, control: { first.step == first.steps / 2 ? .stop : .proceed })
            let second = try Trainer(configuration(epochs: 10, patience: 9), images: images)
            try second.resume(from: path)
            try second.run()
            #expect(try second.model(precision: .float32).fingerprint == whole.model(precision: .float32).fingerprint)
        }
    }

    @Test func withoutValidationTheKeptApartImagesAreShownButDecideNothing() throws {
        var settings = configuration(epochs: 3)
        settings.validationPerClass = 0
        let trainer = try Trainer(settings, images: images)
        var found: [Double] = []
        try trainer.run { progress in progress.meanAveragePrecision.map { found.append($0) } }
        #expect(found.count == 3)
        try removing(temporaryPath("model")) { path in
            try trainer.writeModel(to: path)
            #expect(try HashModel.load(path: path).metadata["validation"] == nil)
        }
    }

    @Test func impossibleSettingsAreRefused() throws {
        var settings = configuration()
        settings.labelledPerClass = 7
        #expect {
            try Trainer(settings, images: images)
        } throws: {
            "\($0)".hasPrefix(
                "training setting validation needs 8 labelled images of each class, and \"class 0\" has 7")
        }
        settings = configuration(patience: 1)
        settings.validationPerClass = 0
        #expect(throws: LearningError.self) { try Trainer(settings, images: images) }
        settings = TrainingConfiguration(.views, bits: 8)
        settings.validationPerClass = 5
        #expect(throws: LearningError.self) { try Trainer(settings, images: images) }
    }
}
