import ArgumentParser
import Foundation
import HashDB

/// A few kinds of queries as multiples of the flat scan, beside what they were: a fall in speed shows before a whole run of the benchmark.
///
/// The least of several rounds counts, since a busy machine only makes things slower, and what seems slower is measured again. Multiples of
/// one processor say nothing of another, so that the figures are kept for each.
struct Guard: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare a few kinds of queries with what they cost before, in some seconds.",
        discussion: """
            The exit status is 1 if one has become more than a fifth slower, measured by the flat scan. On a processor that the \
            file says nothing of, the figures are only printed.
            """)

    @Option(help: "The figures of before.")
    var figures = "Tools/bench/guard.json"

    @Flag(help: "Write the figures into the file, as those of this processor.")
    var write = false

    /// Multiples of the flat scan by question, by processor.
    private typealias Figures = [String: [String: Double]]

    private static let rounds = 15
    private static let tolerance = 1.2
    private static let attempts = 5

    func run() throws {
        let machine = Machine()
        let processor = "\(machine.processor) (\(machine.model)), \(machine.engineKernel)"
        let url = URL(fileURLWithPath: figures)
        var known: Figures = [:]
        if FileManager.default.fileExists(atPath: figures) {
            do { known = try JSONDecoder().decode(Figures.self, from: Data(contentsOf: url)) } catch is DecodingError {
                throw BenchError("\(figures): it holds no figures of bench guard; name another file, or remove it")
            }
        }
        if write {
            known[processor] = try Self.median(of: (0..<Self.attempts).map { _ in try Self.measure() })
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try (encoder.encode(known) + Data("\n".utf8)).write(to: url)
        }
        let before = known[processor] ?? [:]
        var measured = try Self.measure()
        var fallen: [String] {
            before.filter { measured[$0.key, default: .infinity] > Self.tolerance * $0.value }.map(\.key)
        }
        for _ in 1..<Self.attempts where !fallen.isEmpty {
            measured.merge(try Self.measure()) { min($0, $1) }
        }
        print(Self.table(measured, beside: before))
        if before.isEmpty { print("no figures for \(processor); --write keeps some") }
        guard fallen.isEmpty else {
            throw BenchError("more than a fifth slower than before: \(fallen.sorted().joined(separator: "; "))")
        }
    }

    private static func median(of measured: [[String: Double]]) -> [String: Double] {
        var lists: [String: [Double]] = [:]
        for (question, multiple) in measured.joined() { lists[question, default: []].append(multiple) }
        return lists.mapValues { $0.sorted()[$0.count / 2] }
    }

    private static func table(_ measured: [String: Double], beside before: [String: Double]) -> String {
        var table = TextTable(["question", "before", "now"], leftColumns: 1)
        for (question, multiple) in measured.sorted(by: { $0.key < $1.key }) {
            table.append([question, before[question].map(text) ?? "–", text(multiple)])
        }
        return table.text
    }

    private static func text(_ multiple: Double) -> String { String(format: "%.5f ×", multiple) }

    /// The least multiple of each question.
    private static func measure() throws -> [String: Double] {
        let questions: [(set: String, count: Int, asked: [(kind: String, Operation)])] = [
            ("u64-1m", 1_000_000, [("rand", .nearest(10)), ("2", .nearest(1)), ("2", .within(8))]),
            ("c48-1m", 1_000_000, [("new", .nearest(10))]),
            ("p256-1m", 1_000_000, [("dup", .within(31))]),
        ]
        var least: [String: Double] = [:]
        for question in questions {
            guard let recipe = Recipe.all.first(where: { $0.name == question.set }) else { continue }
            var maker = SetMaker(recipe.resized(to: question.count), queryCount: 40, images: nil)
            guard let set = maker.make() else { continue }
            for (name, multiple) in try multiples(of: set, question.asked) {
                least["\(question.set): \(name)"] = multiple
            }
        }
        return least
    }

    private static func multiples(
        of set: CodeSet, _ asked: [(kind: String, Operation)]
    ) throws -> [String: Double] {
        let store = try Store.temporary(bitWidth: set.codes.bitWidth)
        try store.bulkLoad { loader in
            for start in stride(from: 0, to: set.codes.count, by: 1 << 16) {
                try loader.append(packedCodes: set.codes.packed(start..<min(set.codes.count, start + 1 << 16)))
            }
        }
        let flat = try FlatScan(set.codes)
        return try store.read { snapshot in
            var least: [String: Double] = [:]
            for (kind, operation) in asked {
                guard let queries = set.queries.first(where: { $0.kind == kind }) else { continue }
                let truths = SetRun.truths(of: queries, in: set)
                for _ in 0..<rounds {
                    let run = QueryRun(
                        queries: queries, truths: truths, operation: operation, flat: flat, plans: [.automatic],
                        budget: 0.1e6)
                    guard let multiple = try run.run(snapshot, set: set.name).multiple() else { continue }
                    let name = "\(operation), \(kind)"
                    least[name] = min(multiple, least[name] ?? .infinity)
                }
            }
            return least
        }
    }
}
