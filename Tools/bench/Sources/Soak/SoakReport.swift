import Foundation

/// What a soak came to, and what there is to say against it.
struct SoakReport {
    let seconds: Double
    let items: Int
    let writer: SoakWriter.Report
    let readers: [SoakReader.Report]

    private var rule: GrowthRule { GrowthRule(duration: seconds) }

    /// All that could grow, over time.
    private var series: [(name: String, figures: [(time: Double, bytes: Int)])] {
        func memory(_ samples: [SoakSample]) -> [(time: Double, bytes: Int)] { samples.map { ($0.time, $0.memory) } }
        let processes = readers.dropFirst().enumerated().map { number, reader in
            (name: "memory, reader \(number + 1)", figures: memory(reader.samples))
        }
        return [
            ("file", writer.files), ("pages in use", writer.pages),
            ("memory, writer and a reader", memory(writer.samples)),
        ] + processes
    }

    var text: String {
        var queries = Latencies()
        readers.forEach { queries.add($0.queries) }
        var times = TextTable(["ms", "count", "p50", "p99", "p99.9", "longest"], leftColumns: 1)
        let rows = [
            ("queries", queries), ("commits", writer.changes), ("loads", writer.loads), ("folds", writer.folds),
        ]
        for (name, latencies) in rows { times.append([name] + latencies.cells) }
        var sizes = TextTable(["MiB, the most in", "2nd quarter", "last quarter"], leftColumns: 1)
        for (name, figures) in series {
            let peaks = rule.peaks(figures)
            sizes.append([name, Format.mebibytes(peaks?.early), Format.mebibytes(peaks?.late)])
        }
        let resident = (writer.samples + readers.flatMap(\.samples)).map(\.resident).max()
        let checked = readers.reduce(0) { $0 + $1.checked }
        return """
            \(Int(seconds)) s, \(readers.count) readers (\(readers.count - 1) processes, a thread), one writer, \(items) items in the end
            \(checked) answers compared with brute force, all right
            \(times.text)

            \(sizes.text)
            The most that a process had resident, pages of the file among them: \(Format.mebibytes(resident)) MiB
            """
    }

    /// A file never shrinks, and a fold needs the most room of all: only after many has the file the size that it will have.
    private static let foldsToSettle = 8

    /// Why the run has failed; none if it has not.
    var objections: [String] {
        let isSettled = writer.folds.count >= Self.foldsToSettle
        var objections = series.filter { isSettled || $0.name != "file" }
            .compactMap { rule.objection(to: $0.name, $0.figures) }
        if readers.contains(where: { $0.checked == 0 }) || writer.changes.count == 0 {
            objections.append("not everything was done")
        }
        return objections
    }
}
