/// What an evaluation asks: which images to search for among which, and which of those are right.
///
/// Ids are drawn by a seed: item i of the database is image `database[i]`. Folders are read class by class, and where
/// equally near items come in the order of their ids, such an order would favour some classes.
public struct RetrievalTask: Sendable {
    /// The images to search for.
    public let queries: [Int]
    /// The images to search among, in the order of their ids.
    public let database: [Int]

    private let relevance: SimilarityGroups
    private let groupOfItem: [Int]

    /// The queries of a split among its database; relevant is what has the query's class, or a label in
    /// common with it where images have several.
    ///
    /// - Parameters:
    ///   - images: all of which the split speaks.
    ///   - split: which of them are queries and which the database.
    ///   - excludingLabelled: where true, labelled images are left out of the database (protocol P1b).
    ///   - seed: of the order in which the database gets its ids, by which ties are ordered.
    package init(_ images: LabelledImages, _ split: ProtocolSplit, excludingLabelled: Bool = false, seed: UInt64) {
        let excluded = excludingLabelled ? Set(split.labelled) : []
        var generator = SeededGenerator(seed: mixed(seed, -4))
        self.init(
            images, queries: split.queries,
            database: split.database.filter { !excluded.contains($0) }.shuffled(using: &generator))
    }

    /// Some of the images among others, in the given order.
    init(_ images: LabelledImages, queries: [Int], database: [Int]) {
        self.queries = queries
        self.database = database
        let relevance = images.similarity
        self.relevance = relevance
        groupOfItem = database.map { relevance.groups[$0] }
    }

    /// For each id whether it is relevant to query number `query`.
    func relevantItems(toQuery query: Int) -> [Bool] {
        var isRelevant = [Bool](repeating: false, count: relevance.groupCount)
        for group in relevance.similarGroups[relevance.groups[queries[query]]] { isRelevant[group] = true }
        return groupOfItem.map { isRelevant[$0] }
    }

    /// The codes of some of the images, of all of whose codes there are `codeBytes` bytes each.
    package static func codes(of indices: [Int], in codes: [UInt8], codeBytes: Int) -> [UInt8] {
        var chosen: [UInt8] = []
        chosen.reserveCapacity(indices.count * codeBytes)
        for index in indices { chosen += codes[index * codeBytes..<(index + 1) * codeBytes] }
        return chosen
    }
}
