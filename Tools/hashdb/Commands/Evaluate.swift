import ArgumentParser
import CodeFiles
import HashNets
import ImageCodes

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how well a model's codes bring back images of the same class.",
        discussion: """
            Codes are put into a store that is thrown away afterwards, and every query is put to it. Protocols:
              p1      of each class some images are queries, drawn by the seed; all
                      others are the database
              p1b     the same without the labelled images, which the model may
                      have memorised
              p2      the folder test (or val) holds the queries, the folder train
                      the database
              unseen  as p1, among the classes that the model has not learned

            Average precision is that of all orders of equally near images; ids are drawn by the seed, so that "ties by \
            id" is one such order. Where the model has learned labels beside the code, the one-hot code of its guess is \
            measured too: the known classes alone give that much. Beside, in the same run: lsh, bolsh (random projections of \
            the pixels), ksh (kernels of the pixels, learned from the labelled images), perceptual hashes of them, or another \
            weight file.
            """
    )

    @Argument(help: "The model's weight file.", completion: .file())
    var weights: String

    @Option(help: ArgumentHelp("The folder with a folder for each class.", valueName: "dir"), completion: .directory)
    var data: String

    @Option(
        help: ArgumentHelp("A table of labels, where images have several, as in training.", valueName: "file"),
        completion: .file())
    var labels: String?

    @OptionGroup(title: "What is asked")
    var questions: EvaluationOptions

    @Option(
        name: .customLong("beside"), parsing: .singleValue,
        help: ArgumentHelp(
            "Measure lsh, bolsh, ksh, pdq, phash, dhash or a weight file too; may be repeated.", valueName: "codes"),
        completion: .file())
    var comparisons: [Comparison] = []

    @Option(
        help: ArgumentHelp("Write precision and recall as comma-separated values.", valueName: "file.csv"),
        completion: .file())
    var curve: String?

    @Option(help: ArgumentHelp("Draw precision against recall.", valueName: "file.svg"), completion: .file())
    var plot: String?

    @Option(help: "Threads that encode; default: one for each core, 8 at most.")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Encode in single precision, or in bfloat16 where the CPU is faster at that.", valueName: "name"))
    var arithmetic = HashModel.Arithmetic.single

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads \(threads): it must be at least 1") }
        try OutputFile.checkAreDifferent(["--curve": curve, "--plot": plot])
    }

    func run() throws {
        let curveFile = try curve.map { try OutputFile($0, .table) }
        let plotFile = try plot.map { try OutputFile($0, .drawing) }
        let model = try HashModel.load(path: weights, threads: threads, arithmetic: arithmetic)
        let log: (String) -> Void = { StandardError.note($0) }
        let images =
            try labels.map { try loadLabelledImages(at: data, table: $0, shape: model.input, log: log) }
            ?? loadLabelledImages(at: data, shape: model.input, log: log)
        let (plan, seed) = try questions.plan(images, for: model)
        if plan.method != .unseen, let trained = model.metadata["split"], trained != plan.split.fingerprint {
            StandardError.warn("not the split that the model was trained with; it may have learned from these queries")
        } else if plan.method != .unseen, plan.mayHaveLearnedQueries(of: model) {
            StandardError.warn(
                "not the images that the model was trained with, or in another order; it may have learned from these queries"
            )
        }
        if plan.method == .unseen, model.learnedClasses == nil {
            StandardError.warn("the weight file does not say what was learned; it may have been these images")
        }
        let outputs = try model.outputs(plan.images)
        var codes = [ComparedCodes(name: "model", model: model, of: outputs)]
        codes += [ComparedCodes(classifier: model, of: outputs)].compactMap { $0 }
        for comparison in comparisons {
            codes.append(try comparison.codes(plan, bits: model.bitCount, seed: seed, threads: threads, arithmetic))
        }
        let report = EvaluationReport(
            model: model,
            plan: plan,
            seed: seed,
            measures: questions.measures,
            measured: try codes.map { ($0, try $0.evaluation(plan, measures: questions.measures)) },
            labelAccuracy: model.labelAccuracy(outputs, plan)
        )
        try curveFile?.write(PrecisionRecallCurve.csv(report.curves))
        try plotFile?.write(PrecisionRecallCurve.svg(report.curves, title: report.title))
        try StandardOutput.writeLine(json ? report.json.description : report.text)
    }
}

extension HashModel {
    /// The share of queries whose class the model guesses; nil where it has learned no labels, or other ones.
    fileprivate func labelAccuracy(_ outputs: ModelOutputs, _ plan: EvaluationPlan) -> Double? {
        guard labelCount > 0, !plan.images.haveSeveralLabels, learnedClasses == plan.images.classNames,
            !plan.task.queries.isEmpty
        else { return nil }
        let right = plan.task.queries.count { outputs.labels[$0] == plan.images.labels[$0] }
        return Double(right) / Double(plan.task.queries.count)
    }
}
