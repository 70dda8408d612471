import ArgumentParser
import CodeFiles
import HashDB

/// Answers that go to, or are compared with, a file in the formats of big-ann-benchmarks.
struct GroundTruthOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the answers as ground truth of big-ann-benchmarks (k-NN, or range with --radius) instead of printing them.",
            valueName: "file"),
        completion: .file())
    var groundTruth: String?

    @Option(
        help: ArgumentHelp(
            "Compare the answers with such a file instead of printing them; exit status 1 if any differs.",
            valueName: "file"),
        completion: .file())
    var expect: String?

    func validate() throws {
        if groundTruth != nil, expect != nil { throw ValidationError("give --ground-truth or --expect, not both") }
    }

    /// Whether an answer to each query is needed.
    var isAsked: Bool { groundTruth != nil || expect != nil }

    /// What takes the answers of a store to a search of so many neighbours; nil for all within a radius.
    func open(_ store: Store, neighbours: Int?) throws -> GroundTruthAnswers {
        if let groundTruth { try OutputFile.check(groundTruth, isNot: store.path) }
        let kind = neighbours == nil ? GroundTruthKind.range : .nearest
        return GroundTruthAnswers(
            writer: try groundTruth.map { try GroundTruthWriter(path: $0, kind: kind) },
            reader: try expect.map { try GroundTruthReader(path: $0, kind: kind) }, path: groundTruth ?? expect ?? "",
            neighbours: neighbours)
    }
}

/// Writes the answers to a file of ground truth, compares them with one, or does nothing.
final class GroundTruthAnswers {
    private let writer: GroundTruthWriter?
    private let reader: GroundTruthReader?
    private let path: String
    private let neighbours: Int?
    private var count = 0
    private var differing = 0
    private var firstDiffering: Int?

    init(writer: GroundTruthWriter?, reader: GroundTruthReader?, path: String, neighbours: Int?) {
        self.writer = writer
        self.reader = reader
        self.path = path
        self.neighbours = neighbours
    }

    /// Takes the answer to the next query. Returns whether it is not to be printed.
    func take(_ matches: [Match]) throws -> Bool {
        if let writer {
            try writer.append(matches)
        } else if let reader {
            guard let expected = try reader.next() else {
                throw ToolError("\(path): holds \(reader.queryCount) queries, and more were asked")
            }
            if !agrees(matches, expected) {
                differing += 1
                firstDiffering = firstDiffering ?? count
            }
        } else {
            return false
        }
        count += 1
        return true
    }

    /// Of neighbours at one distance a file may name others than we do, so that distances count, of as many as were asked for; within a
    /// radius all are there.
    private func agrees(_ matches: [Match], _ expected: [Match]) -> Bool {
        guard let neighbours else { return matches.sorted() == expected.sorted() }
        return matches.map(\.distance) == Array(expected.map(\.distance).sorted().prefix(neighbours))
    }

    func finish() throws {
        if let writer {
            try writer.finish()
            StandardError.note("wrote the answers to \(count) queries to \(path)")
        } else if let reader {
            StandardError.note("\(count - differing) of \(count) answers agree with \(path)")
            if let firstDiffering { throw ToolError("\(path): the answer to query \(firstDiffering) differs") }
            guard count == reader.queryCount else {
                throw ToolError("\(path): holds \(reader.queryCount) queries, and \(count) were asked")
            }
        }
    }
}
