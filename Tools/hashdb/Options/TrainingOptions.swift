import ArgumentParser
import HashNets

/// Settings of a training that differ from those that the shipped models were trained with.
struct TrainingOptions: ParsableArguments {
    @Option(
        help:
            "Passes over the labelled images; over all images for views; \(usual(\.epochs)); two-stage and triplet take fewer where a class has more than 500 labelled images."
    )
    var epochs: Int?

    @Option(help: "Passes over the unlabelled images; default: \(ConsistencySettings().epochs).")
    var unlabelledEpochs: Int?

    @Option(help: "Seeds the split, the start weights, the order and the changes of images.")
    var seed: UInt64 = 1

    @Option(help: "Images per step, before the unlabelled ones come in; \(usual(\.batch)), with --network 64.")
    var batch: Int?

    @Option(
        help:
            "The highest learning rate, before the unlabelled ones come in; \(usual(\.rate)), with --network a quarter."
    )
    var rate: Double?

    @Option(
        help:
            "Labelled images of each class, at most; \(usual(\.labelledPerClass)); with --labels in all, default: all.")
    var labelled: Int?

    @Option(
        help:
            "Images of each class that are kept apart as queries; \(usual(\.queriesPerClass)); with --labels in all, default: 500."
    )
    var queries: Int?

    @Flag(help: "Keep the folder test (or val) apart as queries, and learn from all other images (protocol P2).")
    var testPart = false

    @Option(
        help: ArgumentHelp(
            "Labelled images of each class (with --labels, in all) that judge the model on the way instead; keep the best.",
            valueName: "images"))
    var validation = 0

    @Option(
        help: ArgumentHelp(
            "Stop when so many judgements in a row, of about ten, found nothing better; default: never.",
            valueName: "judgements"))
    var patience: Int?

    @Option(
        help: ArgumentHelp(
            "Leave out so many classes, drawn by the seed, for evaluate --protocol unseen.", valueName: "classes"))
    var holdOut = 0

    @Option(
        help: ArgumentHelp(
            "A large network for photographs: alexnet227 for cnnh and cnnh+, nin224 for dnnh.", valueName: "name"))
    var network: TrainingNetwork?

    @Flag(
        help:
            "For dnnh: connect all features with all bits, as its paper does for comparison, in place of divide-and-encode."
    )
    var fullConnection = false

    @Option(help: "Side of the square images that are learned from, in pixels; default: 32, or as --network wants.")
    var side: Int?

    @Flag(help: "Never mirror images: for digits, text, and all else whose mirror image means something else.")
    var noMirror = false

    @Option(help: "Threads that compute; 0 for all.")
    var threads = 0

    @Option(
        help: ArgumentHelp(
            "Time between checkpoints, from which --resume goes on even if the machine stops.", valueName: "seconds"))
    var checkpointInterval = 120.0

    func validate() throws {
        try check("--epochs", epochs, 1...1_000_000)
        try check("--unlabelled-epochs", unlabelledEpochs, 1...1_000_000)
        try check("--batch", batch, 4...65_536)
        try check("--labelled", labelled, 2...Int.max)
        try check("--queries", queries, 0...Int.max)
        try check("--threads", threads, 0...4096)
        try check("--side", side, 8...512)
        try check("--hold-out", holdOut, 0...Int.max)
        try check("--validation", validation, 0...Int.max)
        if let rate, !(rate > 0 && rate.isFinite) { throw ValidationError("--rate \(rate): it must be positive") }
        if !(0...1e6).contains(checkpointInterval) {
            throw ValidationError("--checkpoint-interval \(checkpointInterval): it must be from 0 to 1000000 seconds")
        }
        if let patience, patience < 1 || validation == 0 {
            throw ValidationError("--patience \(patience): it must be at least 1, and needs --validation")
        }
    }

    /// Throws where an option was given a number that no recipe takes.
    private func check(_ option: String, _ number: Int?, _ range: ClosedRange<Int>) throws {
        guard let number, !range.contains(number) else { return }
        let (least, most) = (range.lowerBound, range.upperBound)
        let limits = most == .max ? "at least \(least)" : "from \(least) to \(most)"
        throw ValidationError("\(option) \(number): it must be \(limits)")
    }

    /// What a setting is by default: once, or for each of the recipes.
    private static func usual(_ setting: (TrainingConfiguration) -> some Hashable) -> String {
        let values = TrainingRecipe.allCases.map { setting(TrainingConfiguration($0)) }
        guard Set(values).count > 1 else { return "default: \(values[0])" }
        return "default: "
            + zip(TrainingRecipe.allCases, values).map { "\($1) for \($0.rawValue)" }.joined(separator: ", ")
    }

    /// The shape of the images.
    var shape: ImageShape {
        let side = side ?? network?.side ?? 32
        return ImageShape(channels: 3, height: side, width: side)
    }

    /// The whole of the settings; what depends on the images comes by `adapt`.
    func configuration(
        _ recipe: TrainingRecipe, bits: Int, usesRest: Bool, severalLabels: Bool
    ) throws -> TrainingConfiguration {
        var configuration =
            network.map { TrainingConfiguration(recipe, on: $0, bits: bits) }
            ?? TrainingConfiguration(recipe, bits: bits)
        configuration.seed = seed
        configuration.threads = threads
        configuration.epochs = epochs ?? configuration.epochs
        configuration.batch = batch ?? configuration.batch
        configuration.rate = rate ?? configuration.rate
        configuration.usesTestPart = testPart
        configuration.labelledPerClass = labelled ?? (severalLabels ? .max : configuration.labelledPerClass)
        configuration.validationPerClass = validation
        configuration.patience = patience ?? 0
        configuration.queriesPerClass = queries ?? (severalLabels ? 500 : configuration.queriesPerClass)
        configuration.consistency.epochs = unlabelledEpochs ?? configuration.consistency.epochs
        configuration.usesRest = usesRest
        configuration.fullConnection = fullConnection
        if noMirror { configuration.mirrors = false }
        try configuration.check()
        return configuration
    }

    /// Adapts the settings to the images, but for those that were given.
    func adapt(_ configuration: inout TrainingConfiguration, to images: LabelledImages) throws {
        try configuration.adapt(to: images)
        configuration.epochs = epochs ?? configuration.epochs
    }
}
