import ArgumentParser
import CodeFiles
import HashDB

/// How far a query looks, and how it is answered.
struct SearchOptions: ParsableArguments {
    @Option(name: .short, help: ArgumentHelp("The number of nearest items (default: 10).", valueName: "k"))
    var k: Int?

    @Option(help: ArgumentHelp("All items that differ in at most so many bits.", valueName: "bits"))
    var radius: Int?

    @Option(help: "How to answer; every plan gives the same answers.")
    var plan = QueryPlan.automatic

    @Option(help: ArgumentHelp("How many threads answer many queries (default: one for each core).", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp("Find only items of these ids, a .npy file of uint64.", valueName: "file.npy"),
        completion: .file())
    var onlyIds: String?

    @Option(
        help: ArgumentHelp("Find no items of these ids, a .npy file of uint64.", valueName: "file.npy"),
        completion: .file())
    var excludeIds: String?

    func validate() throws {
        if onlyIds != nil, excludeIds != nil { throw ValidationError("give --only-ids or --exclude-ids, not both") }
        if k != nil, radius != nil { throw ValidationError("give -k or --radius, not both") }
        if let threads, threads < 1 { throw ValidationError("--threads \(threads): at least one is needed") }
        if let k, k < 1 { throw ValidationError("-k \(k): the number of neighbours must be at least 1") }
        if let radius, radius < 0 { throw ValidationError("--radius \(radius): a radius must be at least 0") }
    }

    /// How many items are asked for; nil for all within a radius.
    var neighbours: Int? { radius == nil ? k ?? 10 : nil }

    /// Which items may be found.
    func filter() throws -> ItemFilter {
        if let onlyIds { return .ids(try Self.ids(in: onlyIds)) }
        if let excludeIds { return .excluding(try Self.ids(in: excludeIds)) }
        return .all
    }

    /// Whether only some items may be found.
    var isFiltered: Bool { onlyIds != nil || excludeIds != nil }

    private static func ids(in path: String) throws -> [UInt64] {
        var reader = try IDReader(path: path)
        var ids: [UInt64] = []
        while let more = try reader.next(upTo: 1 << 16) { ids += more }
        return ids
    }

    /// The answer to one query, and what it did if an explanation is given.
    func run(
        _ code: BinaryCode, in snapshot: borrowing Snapshot, among filter: ItemFilter,
        explaining explanation: inout QueryExplanation?
    ) throws -> [Match] {
        guard var told = explanation else {
            return if let radius {
                try snapshot.within(radius: radius, of: code, among: filter, plan: plan)
            } else {
                try snapshot.nearest(to: code, count: k ?? 10, among: filter, plan: plan)
            }
        }
        defer { explanation = told }
        return if let radius {
            try snapshot.within(radius: radius, of: code, among: filter, plan: plan, explaining: &told)
        } else {
            try snapshot.nearest(to: code, count: k ?? 10, among: filter, plan: plan, explaining: &told)
        }
    }

    /// The answers to many queries on one thread.
    func run(_ codes: [BinaryCode], in snapshot: borrowing Snapshot) throws -> [[Match]] {
        if let radius {
            try snapshot.within(radius: radius, of: codes, plan: plan)
        } else {
            try snapshot.nearest(to: codes, count: k ?? 10, plan: plan)
        }
    }

    /// The answers to many queries on several threads, as of the last commit.
    func run(_ codes: [BinaryCode], in store: Store) async throws -> [[Match]] {
        let question = radius.map { BatchQuestion.within($0) } ?? .nearest(k ?? 10)
        return try await store.answers(question, to: codes, plan: plan, tasks: threads)
    }
}

extension QueryPlan: ExpressibleByArgument {}
