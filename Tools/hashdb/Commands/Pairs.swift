import ArgumentParser
import CodeFiles
import HashDB
import ImageCodes

struct Pairs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find all pairs of items whose codes are near one another: duplicates and near-duplicates.",
        discussion: """
            Exact; every pair once, the lesser id first, in no particular order. With --json a line is {"a": 7, "b": 9, "distance": 3}.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup
    var collection: CollectionOption

    @Option(help: ArgumentHelp("In at most how many bits the two codes differ.", valueName: "r"))
    var radius: Int

    @Flag(help: "Print a JSON object for each pair, a line each.")
    var json = false

    func validate() throws {
        if radius < 0 { throw ValidationError("--radius \(radius): a radius must be at least 0") }
    }

    func run() throws {
        try collection.open(store).read { snapshot in
            var table = PairTable(largestID: snapshot.largestID ?? 0)
            var count = 0
            let roots = try snapshot.imageRoots()
            try snapshot.forEachPair(within: radius) { pair in
                count += 1
                if json {
                    try StandardOutput.writeLine(Self.json(of: pair))
                } else {
                    let paths = [
                        StoredRecord(try snapshot.payload(of: pair.a), roots).path,
                        StoredRecord(try snapshot.payload(of: pair.b), roots).path,
                    ]
                    try StandardOutput.write(table.text(of: pair, paths))
                }
                return true
            }
            try StandardOutput.flush()
            StandardError.note("\(count) pairs within \(radius) bits")
        }
    }

    private static func json(of pair: MatchedPair) -> JSONValue {
        ["a": .unsigned(pair.a), "b": .unsigned(pair.b), "distance": .integer(pair.distance)]
    }
}

/// Pairs as a table whose columns are as wide as any id needs, for the rows are not known beforehand.
private struct PairTable {
    private let width: Int
    private var hasHeader = false

    init(largestID: UInt64) { width = max(4, String(largestID).count) }

    /// The lines of a pair: before the first one also the names of the columns.
    mutating func text(of pair: MatchedPair, _ paths: [ImagePath?]) -> String {
        let hasPaths = paths.contains { $0 != nil }
        var text =
            hasHeader
            ? "" : "distance  \(padded("id a", width))  \(padded("id b", width))\(hasPaths ? "  paths" : "")\n"
        hasHeader = true
        text += "\(padded("\(pair.distance)", 8))  \(padded("\(pair.a)", width))  \(padded("\(pair.b)", width))"
        if hasPaths { for path in paths { text += "  " + (path?.description ?? "-") } }
        return text + "\n"
    }
}
