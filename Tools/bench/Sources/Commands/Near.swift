import ArgumentParser
import HashDB

/// What it costs to ask whether something is near, as before an insert, in three ways.
struct Near: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Time whether something is within a radius, asked in three ways; every answer is compared with a plain loop."
    )

    @Option(help: "The items, random codes of 64 bits.") var items = 1_000_000
    @Option(help: "The radius in bits.") var radius = 4
    @Option(help: "The number of queries of each kind.") var count = 400
    @Option(help: "Where the store goes; TMPDIR or /tmp otherwise.") var dir: String?

    /// What is asked; of its answer only the first counts, and that only within the radius.
    private typealias Question = (name: String, ask: (BinaryCode, borrowing Snapshot) throws -> [Match])

    func run() throws {
        guard items > 0, count > 0, (2...64).contains(radius) else {
            throw ValidationError("there is at least 1 item and 1 query, and the radius is from 2 to 64")
        }
        var generator = Xoshiro(named: "near")
        var codes = CodeArray(bitWidth: 64)
        for _ in 0..<items { codes.appendUniform(&generator) }
        let store = try Store.temporary(bitWidth: 64, directory: dir)
        try store.bulkLoad { try $0.append(packedCodes: codes.packed(0..<items)) }
        var table = TextTable(["near", "question", "p50 µs", "p99 µs"], leftColumns: 2)
        for isNear in [true, false] {
            let queries = queries(codes, isNear: isNear, &generator)
            for (name, times) in try store.read({ try measure(queries, of: codes, $0) }) {
                table.append([
                    queries.kind, name, Format.microseconds(times?.median), Format.microseconds(times?.percentile99),
                ])
            }
        }
        print(table.text)
    }

    /// Codes two bits from an item, or near none.
    private func queries(_ all: CodeArray, isNear: Bool, _ generator: inout Xoshiro) -> CodeSet.Queries {
        var codes = CodeArray(bitWidth: 64)
        for _ in 0..<count {
            if isNear {
                codes.append(all[generator.index(below: items)].flipping(2, of: 64, &generator))
            } else {
                codes.appendUniform(&generator)
            }
        }
        return CodeSet.Queries(kind: isNear ? "one" : "none", codes: codes)
    }

    /// The three ways in turns, so that a drift of the machine hits all alike.
    private func measure(
        _ queries: CodeSet.Queries, of codes: CodeArray, _ snapshot: borrowing Snapshot
    ) throws -> [(String, Times.Summary?)] {
        let set = CodeSet(name: "near", codes: codes, queries: [queries], operations: [.within(radius)])
        let truths = SetRun.truths(of: queries, in: set)
        let questions: [Question] = [
            ("the nearest", { try $1.nearest(to: $0, count: 1) }),
            ("the nearest within \(radius)", { [radius] in try $1.nearest(to: $0, count: 1, within: radius) }),
            ("all within \(radius)", { [radius] in try $1.within(radius: radius, of: $0) }),
        ]
        var times = questions.map { _ in Times() }
        for (index, truth) in truths.enumerated() {
            let code = try queries.codes.code(index)
            // Who comes first finds the least in the caches.
            for turn in questions.indices {
                let place = (index + turn) % questions.count
                let question = questions[place]
                let answer = try times[place].measure { try question.ask(code, snapshot) }
                let nearest = answer.first.flatMap { $0.distance <= radius ? $0 : nil }
                guard nearest == truth.answer(.within(radius)).first else {
                    throw BenchError("WRONG ANSWER: query \(queries.kind) \(index), \(question.name)")
                }
            }
        }
        return zip(questions, times).map { ($0.name, $1.summary) }
    }
}
