import ArgumentParser
import CodeFiles
import HashNets
import ImageCodes

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how well a model's codes bring back images of the same class.",
        discussion: """
            Protocol P1: of each class some images are queries, drawn by the seed, and all others are the database. \
            Average precision is taken over the whole database and averaged over the orders of ties. The default seed is the \
            one that the model was trained with, so that the queries are images that it has not learned from.
            """
    )

    @Argument(help: "The model's weight file.")
    var weights: String

    @Option(help: ArgumentHelp("The folder with a folder for each class.", valueName: "dir"))
    var data: String

    @Option(help: "Seeds the choice of queries.")
    var seed: UInt64?

    @Option(help: "Queries of each class.")
    var queries = 100

    @Option(help: "Labelled images of each class, as in training.")
    var labelled = 500

    @Flag(help: "Leave the labelled images out of the database (protocol P1b).")
    var excludeLabelled = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if queries < 1 { throw ValidationError("--queries \(queries): it must be at least 1") }
        if labelled < 0 { throw ValidationError("--labelled \(labelled): it must be at least 0") }
    }

    func run() throws {
        let model = try HashModel.load(path: weights)
        let images = try loadLabelledImages(at: data, shape: model.input, log: { StandardError.note($0) })
        let seed = seed ?? model.metadata["seed"].flatMap { UInt64($0) } ?? 1
        let split = try ProtocolSplit(images, queriesPerClass: queries, labelledPerClass: labelled, seed: seed)
        if let trained = model.metadata["split"], trained != split.fingerprint {
            StandardError.warn("not the split that the model was trained with; it may have learned from these queries")
        }
        let evaluation = try RetrievalEvaluation(
            model: model,
            images: images,
            split: split,
            excludingLabelled: excludeLabelled
        )
        let report = EvaluationReport(model: model, split: split, seed: seed, evaluation: evaluation)
        try StandardOutput.writeLine(json ? report.json.description : report.text)
    }
}
