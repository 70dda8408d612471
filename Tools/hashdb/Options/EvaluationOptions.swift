import ArgumentParser
import HashNets

/// Who is searched for among whom, and what is measured.
struct EvaluationOptions: ParsableArguments {
    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp(
            "Queries and database: p1, p1b, p2 or unseen, see above; default: p1, or p2 if so trained.",
            valueName: "name"))
    var method: EvaluationProtocol?

    @Option(help: "Seeds the choice of queries; default: as in training, so that no query was learned from.")
    var seed: UInt64?

    @Option(help: "Queries of each class, for p1, p1b and unseen; default: as in training, or 100.")
    var queries: Int?

    @Option(help: "Labelled images of each class, for p1 and p1b; default: as in training, or 500.")
    var labelled: Int?

    @Option(help: ArgumentHelp("Precision of the first N, for each N of a list.", valueName: "n,n,…"))
    var at = LengthList(lengths: [10, 100, 500, 1000])

    @Option(help: ArgumentHelp("MAP over the first K too.", valueName: "k"))
    var top: Int?

    func validate() throws {
        if let queries, queries < 1 { throw ValidationError("--queries \(queries): it must be at least 1") }
        if let labelled, labelled < 0 { throw ValidationError("--labelled \(labelled): it must be at least 0") }
        if let top, top < 1 { throw ValidationError("--top \(top): it must be at least 1") }
    }

    /// What is measured.
    var measures: RetrievalEvaluation.Measures { .init(lengths: at.lengths, top: top) }

    /// The questions for a model.
    func plan(_ images: LabelledImages, for model: HashModel) throws -> (plan: EvaluationPlan, seed: UInt64) {
        let seed = seed ?? model.trainingSeed ?? 1
        let method = method ?? (model.metadata["split_parts"] == nil ? .p1 : .p2)
        func trained(_ key: String) -> Int? { model.metadata[key].flatMap { Int($0) } }
        let trainedQueries = trained("split_queries").flatMap { $0 > 0 ? $0 : nil }
        if method == .unseen, let learned = model.learnedClasses, Set(images.classNames).isSubset(of: learned) {
            throw ToolError(
                "the model has learned all classes of these images; leave some out with train --hold-out, or give other images"
            )
        }
        let plan = try EvaluationPlan(
            method, images: images, learnedClasses: model.learnedClasses,
            queriesPerClass: queries ?? trainedQueries ?? 100,
            labelledPerClass: labelled ?? trained("split_labelled") ?? 500,
            fitsClasses: queries == nil && labelled == nil && model.metadata["split_fits"] != nil, seed: seed)
        return (plan, seed)
    }
}

extension EvaluationProtocol: ExpressibleByArgument {}

/// Lengths with commas between.
struct LengthList: ExpressibleByArgument {
    var lengths: [Int]

    init(lengths: [Int]) {
        self.lengths = lengths
    }

    init?(argument: String) {
        let lengths = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard lengths.allSatisfy({ $0 >= 1 }) else { return nil }
        self.lengths = lengths
    }

    var defaultValueDescription: String { lengths.map(String.init).joined(separator: ",") }
}
