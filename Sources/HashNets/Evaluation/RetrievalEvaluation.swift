/// How well codes bring back what is relevant: the measures of the hashing papers, averaged over queries.
public struct RetrievalEvaluation: Hashable, Sendable {
    /// What is measured beside that which always is.
    public struct Measures: Hashable, Sendable {
        /// How many of the nearest `precisionAt` looks at.
        public var lengths = [100, 500, 1000]
        /// How many of the nearest `atTop` looks at, if at all.
        public var top: Int?

        /// The usual ones.
        public init(lengths: [Int] = [100, 500, 1000], top: Int? = nil) {
            self.lengths = lengths
            self.top = top
        }
    }

    /// Mean average precision, over the whole database or its first items.
    public struct MeanAveragePrecision: Hashable, Sendable {
        /// The mean over all orders of ties.
        public var tiesAveraged = 0.0
        /// In the order of ids within ties, as many published figures have it.
        public var tiesByID = 0.0
    }

    /// Queries that were averaged.
    public let queryCount: Int
    /// Over the whole database.
    public internal(set) var overall = MeanAveragePrecision()
    /// Over the first `Measures.top`: for each query divided by the relevant items found there.
    public internal(set) var atTop: MeanAveragePrecision?
    /// Mean precision within Hamming radius 2; a query that finds nothing there counts 0.
    public internal(set) var precisionWithinRadius2 = 0.0
    /// Mean precision of the first N for the lengths asked for.
    public internal(set) var precisionAt: [Int: Double] = [:]
    /// Precision against recall.
    public internal(set) var curve: PrecisionRecallCurve

    /// Mean average precision over the whole database, averaged over the orders of ties.
    public var meanAveragePrecision: Double { overall.tiesAveraged }

    init(queryCount: Int, curve: PrecisionRecallCurve) {
        self.queryCount = queryCount
        self.curve = curve
    }

    /// Compares each query's code with all of the database's, in memory.
    ///
    /// - Parameters:
    ///   - task: the queries, the database, and what is relevant to which.
    ///   - codes: packed codes of all images of which the task speaks.
    ///   - codeBytes: the bytes of a code.
    ///   - measures: what is measured.
    package init(_ task: RetrievalTask, codes: [UInt8], codeBytes: Int, measures: Measures = Measures()) {
        let database = PackedCodes(
            RetrievalTask.codes(of: task.database, in: codes, codeBytes: codeBytes), codeBytes: codeBytes)
        let queries = PackedCodes(
            RetrievalTask.codes(of: task.queries, in: codes, codeBytes: codeBytes), codeBytes: codeBytes)
        var meter = RetrievalMeter(task, bits: codeBytes * 8, measures: measures)
        for query in task.queries.indices { meter.add(database.ranked(by: queries, at: query), toQuery: query) }
        self = meter.evaluation
    }

    /// Encodes and searches the images of a split with a model, in memory.
    ///
    /// - Parameters:
    ///   - model: makes the codes.
    ///   - images: of the size that the model takes.
    ///   - split: which of them are queries and which the database.
    ///   - excludingLabelled: where true, labelled images are left out of the database (protocol P1b).
    ///   - measures: what is measured.
    /// - Throws: `HashNetsError`; `LearningError.labelledImagesInvalid`, also where the split is of other images.
    public init(
        model: HashModel, images: LabelledImages, split: ProtocolSplit, excludingLabelled: Bool = false,
        measures: Measures = Measures()
    ) throws {
        try images.check()
        try split.check(of: images)
        let task = RetrievalTask(images, split, excludingLabelled: excludingLabelled, seed: 0)
        self.init(
            task, codes: try model.encode(pixels: images.pixels, count: images.count), codeBytes: model.codeBytes,
            measures: measures)
    }
}

/// Gathers an evaluation from the answers to its queries, wherever they come from.
package struct RetrievalMeter: Sendable {
    /// The measures of all queries together; of use when each has been added once.
    package private(set) var evaluation: RetrievalEvaluation

    private let task: RetrievalTask
    private let bits: Int
    private let measures: RetrievalEvaluation.Measures

    /// A meter of codes of `bits` bits.
    package init(_ task: RetrievalTask, bits: Int, measures: RetrievalEvaluation.Measures = .init()) {
        self.task = task
        self.bits = bits
        self.measures = measures
        evaluation = RetrievalEvaluation(
            queryCount: task.queries.count, curve: PrecisionRecallCurve(count: task.database.count, bits: bits))
        if measures.top != nil { evaluation.atTop = .init() }
    }

    /// Takes the answer to query number `query`: all items of the database, ordered by distance and then by id.
    package mutating func add(_ answer: [(id: Int, distance: Int)], toQuery query: Int) {
        let isRelevant = task.relevantItems(toQuery: query)
        var ranking = Ranking()
        ranking.reserveCapacity(task.database.count)
        for item in answer { ranking.append(distance: item.distance, isRelevant: isRelevant[item.id]) }
        add(ranking)
    }

    private mutating func add(_ ranking: Ranking) {
        let share = 1 / Double(task.queries.count)
        let counts = ranking.counts(bits: bits)
        evaluation.overall.tiesAveraged += share * counts.averagePrecision
        evaluation.overall.tiesByID += share * ranking.averagePrecision()
        if let top = measures.top {
            evaluation.atTop?.tiesAveraged += share * counts.averagePrecision(top: top)
            evaluation.atTop?.tiesByID += share * ranking.averagePrecision(top: top)
        }
        evaluation.precisionWithinRadius2 += share * counts.precision(withinRadius: 2)
        for length in Set(measures.lengths) {
            evaluation.precisionAt[length, default: 0] += share * counts.precision(at: length)
        }
        evaluation.curve.add(counts, share: share)
    }
}
