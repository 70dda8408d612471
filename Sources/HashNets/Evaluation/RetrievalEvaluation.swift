/// How well codes bring back images of the query's class: the measures of the hashing papers, averaged over queries.
public struct RetrievalEvaluation: Hashable, Sendable {
    /// Mean average precision over the whole database, averaged over the orders of ties.
    public var meanAveragePrecision = 0.0
    /// Mean precision within Hamming radius 2; a query that finds nothing there counts 0.
    public var precisionWithinRadius2 = 0.0
    /// Mean precision of the first N for the lengths asked for.
    public var precisionAt: [Int: Double] = [:]
    /// Queries that were averaged.
    public var queryCount = 0

    /// Searches each query among the database's codes; codes are packed, `codeBytes` a code, and relevant means an
    /// equal label.
    public init(
        queryCodes: [UInt8], queryLabels: [Int], databaseCodes: [UInt8], databaseLabels: [Int], codeBytes: Int,
        lengths: [Int] = [100, 500, 1000]
    ) {
        let database = PackedCodes(databaseCodes, codeBytes: codeBytes)
        let queries = PackedCodes(queryCodes, codeBytes: codeBytes)
        precondition(database.count == databaseLabels.count && queries.count == queryLabels.count)
        queryCount = queries.count
        for (query, label) in queryLabels.enumerated() {
            let counts = database.counts(of: queries, at: query) { databaseLabels[$0] == label }
            meanAveragePrecision += counts.averagePrecision / Double(queryCount)
            precisionWithinRadius2 += counts.precision(withinRadius: 2) / Double(queryCount)
            for length in lengths {
                precisionAt[length, default: 0] += counts.precision(at: length) / Double(queryCount)
            }
        }
    }

    /// Encodes and searches the images of a split with a model.
    ///
    /// - Parameter excludingLabelled: where true, labelled images are left out of the database (protocol P1b).
    public init(
        model: HashModel, images: LabelledImages, split: ProtocolSplit, excludingLabelled: Bool = false,
        lengths: [Int] = [100, 500, 1000]
    ) throws {
        try images.check()
        let excluded = excludingLabelled ? Set(split.labelled) : []
        let database = split.database.filter { !excluded.contains($0) }
        let all = try model.encode(pixels: images.pixels, count: images.count)
        func codes(_ indices: [Int]) -> [UInt8] {
            indices.flatMap { all[$0 * model.codeBytes..<($0 + 1) * model.codeBytes] }
        }
        self.init(
            queryCodes: codes(split.queries), queryLabels: split.queries.map { images.labels[$0] },
            databaseCodes: codes(database), databaseLabels: database.map { images.labels[$0] },
            codeBytes: model.codeBytes, lengths: lengths)
    }
}
