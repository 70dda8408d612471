import HashDB
import HashNets

/// What a trained model makes of some of the images: enough to see how its codes are, at little cost.
struct TrainingSample {
    /// An image that was kept apart, and those nearest to it in the sample.
    struct Strip {
        let query: Int
        let nearest: [(image: Int, distance: Int)]
    }

    let statistics: CodeStatistics
    let databaseCount: Int
    /// Pairs of a query and another image at each distance, of one class and of two.
    private(set) var alike: [Int]
    private(set) var different: [Int]
    private(set) var strips: [Strip] = []

    private static let (mostQueries, mostOthers, mostStrips, stripLength) = (200, 2000, 12, 8)

    init(_ model: HashModel, _ images: LabelledImages, _ split: ProtocolSplit) throws {
        let queries = Self.spread(split.queries, count: Self.mostQueries)
        let others = Self.spread(split.database, count: Self.mostOthers)
        let all = images.subset(queries + others)
        let bytes = try model.encode(pixels: all.pixels, count: all.count)
        let codes = try (0..<all.count).map { row in
            try BinaryCode(bytes: bytes[row * model.codeBytes..<(row + 1) * model.codeBytes])
        }
        statistics = CodeStatistics(
            codes: Array(bytes[(queries.count * model.codeBytes)...]), codeBytes: model.codeBytes, bits: model.bitCount)
        databaseCount = others.count
        alike = [Int](repeating: 0, count: 8 * model.codeBytes + 1)
        different = alike
        let shown = Set(Self.spread(Array(queries.indices), count: Self.mostStrips))
        for (number, query) in queries.enumerated() {
            let distances = others.indices.map { codes[number].hammingDistance(to: codes[queries.count + $0]) }
            for (other, distance) in zip(others, distances) {
                if images.areAlike(other, query) {
                    alike[distance] += 1
                } else {
                    different[distance] += 1
                }
            }
            guard shown.contains(number) else { continue }
            let order = others.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
            strips.append(
                Strip(query: query, nearest: order.prefix(Self.stripLength).map { (others[$0], distances[$0]) }))
        }
    }

    /// At most `count` of the numbers, from all of the list.
    private static func spread(_ numbers: [Int], count: Int) -> [Int] {
        guard numbers.count > count else { return numbers }
        return (0..<count).map { numbers[$0 * numbers.count / count] }
    }
}
