import Drawings
import HashDB
import HashNets
import ImageCodes

/// What a store consists of as a page for a web browser: one file, which needs nothing else. All that is drawn stands in a table beside it.
struct StatisticsPage {
    let title: String
    let statistics: Statistics
    let sizes: StoreSizes
    /// Names and values of the store.
    let facts: [(String, String)]
    /// Nil for an empty store.
    let sample: CodeSample?

    var html: String {
        let frame = PageFrame(title: title, style: Charts.style + "\n" + Self.style)
        return frame.begin + """
            <header><h1>\(escapedForXML(title))</h1></header>
            <main>
            \(section("The store", "<div>" + table("", facts.map { [$0.0, $0.1] }) + "</div>"))
            \(section("What the file is filled with", parts))
            \(section("How full the buckets are", buckets))
            \(section("How far apart the codes are", distances))
            \(section("How often each bit is set", bits))
            </main>

            """ + frame.end
    }

    // MARK: Parts of the page

    private var parts: String {
        let named = [
            ("ids and codes", sizes.rows), ("buckets", sizes.tables), ("deletions", sizes.deletions),
            ("newest items", sizes.delta), ("payloads", sizes.payloads), ("header and attributes", sizes.attributes),
            ("free pages, ends of pages, trees", sizes.rest),
        ]
        let whole = Double(max(1, sizes.file))
        let rows = named.map { name, bytes in
            [
                name, grouped(bytes), "\(fixedPoint(100 * Double(bytes) / whole, digits: 1)) %",
                Self.bar(Double(bytes) / whole),
            ]
        }
        return "<div>" + table("bytes of the file", head: ["part", "bytes", "share"], rows, drawing: 3) + "</div>"
    }

    private var buckets: String {
        let occupancy = statistics.substringOccupancy ?? []
        guard !occupancy.isEmpty else { return "<p>There are no buckets: so few items are scanned.</p>" }
        return statistics.segments.indices.map { segment in
            let substrings = occupancy.filter { $0.segment == segment }
            let rows = grouped(statistics.segments[segment].rows)
            guard !substrings.isEmpty else {
                return "<p>Segment \(segment + 1), \(rows) rows: scanned, no buckets.</p>"
            }
            let bins = substrings.map(\.counts.count).max() ?? 1
            let counts = substrings.map { $0.counts + [Int](repeating: 0, count: bins - $0.counts.count) }
            let names = (0..<bins).map { $0 < 2 ? "\($0)" : "\(1 << ($0 - 1))–\((1 << $0) - 1)" }
            let width = statistics.segments[segment].substringBits
            return pair(
                Self.histogram(
                    counts,
                    title: "Segment \(segment + 1): \(rows) rows, \(substrings.count) substrings of \(width) bits"),
                table(
                    "buckets by the codes in them", head: ["codes"] + counts.indices.map { "substring \($0 + 1)" },
                    names.enumerated().map { bin, name in [name] + counts.map { grouped($0[bin]) } }))
        }.joined(separator: "\n")
    }

    /// A line for each substring; of many the least, the mean and the most.
    private static func histogram(_ counts: [[Int]], title: String) -> String {
        let bins = counts[0].indices
        func line(_ name: String, _ value: (Int) -> Double) -> LineChart.Line {
            .init(name, points: bins.map { (Double($0), value($0)) })
        }
        let lines: [LineChart.Line]
        if counts.count <= 7 {
            lines = counts.enumerated().map { number, counts in line("substring \(number + 1)") { Double(counts[$0]) } }
        } else {
            func column(_ bin: Int) -> [Int] { counts.map { $0[bin] } }
            lines = [
                line("the most of the substrings") { Double(column($0).max() ?? 0) },
                line("their mean") { Double(column($0).reduce(0, +)) / Double(counts.count) },
                line("the least") { Double(column($0).min() ?? 0) },
            ]
        }
        var chart = LineChart(title: title, xLabel: "codes in a bucket, from … on", yLabel: "buckets", lines: lines)
        chart.xRange = 0...Double(max(1, bins.count - 1))
        chart.xNames = bins.map { $0 == 0 ? "0" : "\(1 << ($0 - 1))" }
        chart.yIsLogarithmic = true
        chart.yRange = 0.5...Double(max(10, counts.joined().max() ?? 1)) * 1.5
        return chart.svg
    }

    private var distances: String {
        guard let sample, sample.pairCount > 0 else { return "<p>There are no two codes.</p>" }
        let shares = sample.distances.map { Double($0) / Double(sample.pairCount) }
        let random = sample.randomShares
        func line(_ name: String, _ values: [Double]) -> LineChart.Line {
            .init(name, points: values.enumerated().map { (Double($0), $1) })
        }
        var chart = LineChart(
            title: "Distances of pairs", xLabel: "distance in bits", yLabel: "share of the pairs",
            lines: [line("these codes", shares), line("random codes", random)])
        chart.xRange = 0...Double(sample.bitCount)
        chart.yRange = 0...max(shares.max() ?? 0, random.max() ?? 0) * 1.05
        let rows = shares.indices.filter { sample.distances[$0] > 0 || random[$0] >= 0.00005 }.map { distance in
            [
                "\(distance)", grouped(sample.distances[distance]), fixedPoint(shares[distance]),
                fixedPoint(random[distance]),
            ]
        }
        let drawn =
            sample.isComplete
            ? "All \(grouped(sample.pairCount)) pairs"
            : "\(grouped(sample.pairCount)) pairs of \(grouped(sample.statistics.count)) codes, drawn at random with seed \(sample.seed)"
        return """
            <p>\(drawn). On average they differ in \(fixedPoint(sample.meanDistance, digits: 2)) of \(sample.bitCount) bits; random codes would \
            in \(fixedPoint(Double(sample.bitCount) / 2, digits: 1)), and their curve is the binomial distribution.</p>
            """
                + pair(
                    chart.svg, table("pairs by distance", head: ["distance", "pairs", "share", "random codes"], rows))
    }

    private var bits: String {
        guard let sample else { return "<p>There are no codes.</p>" }
        let statistics = sample.statistics
        let filled = statistics.bits - sample.bitCount
        let note = filled > 0 ? " \(filled) bits fill each code up and are 0." : ""
        let whose = self.statistics.itemCount == statistics.count ? "" : ", drawn at random with seed \(sample.seed)"
        let rows = statistics.ones.enumerated().map { ["\($0)", fixedPoint($1)] }
        return "<p>Of \(grouped(statistics.count)) codes\(whose): \(statistics.summary)\(note)</p>"
            + pair(statistics.balance.svg, table("share of codes that have a bit", head: ["bit", "share"], rows))
            + (statistics.correlationMap.map { Charts.row([$0.svg]) } ?? "")
    }

    // MARK: HTML

    private func pair(_ drawing: String, _ table: String) -> String {
        "<div class=\"beside\">\n\(Charts.row([drawing]))\n\(table)\n</div>"
    }

    /// Rows whose first cell heads them, in a box of its own that scrolls, also by keys. The cells of one column may be drawings; all others are
    /// text, of which some comes with the store.
    private func table(
        _ caption: String, head: [String] = [], _ rows: [[String]], drawing: Int? = nil
    ) -> String {
        let titles = head.map { "<th scope=\"col\">\($0)</th>" }.joined()
        let lines = rows.map { row in
            let cells = row.indices.dropFirst().map { "<td>\($0 == drawing ? row[$0] : escapedForXML(row[$0]))</td>" }
            return "<tr><th scope=\"row\">\(escapedForXML(row[0]))</th>" + cells.joined() + "</tr>"
        }
        guard !caption.isEmpty else { return "<table class=\"facts\">\n\(lines.joined(separator: "\n"))\n</table>" }
        return """
            <div class="table" role="region" aria-label="\(caption)" tabindex="0"><table>
            <caption>\(caption)</caption>
            <thead><tr>\(titles)</tr></thead>
            <tbody>
            \(lines.joined(separator: "\n"))
            </tbody>
            </table></div>
            """
    }

    /// A share of a whole to be seen; its number stands beside it.
    private static func bar(_ share: Double) -> String {
        "<svg width=\"200\" height=\"12\" aria-hidden=\"true\"><rect width=\"\(fixedPoint(200 * share, digits: 1))\" height=\"12\"/></svg>"
    }

    private static let style = """
        .beside { display: grid; gap: 1rem; grid-template-columns: minmax(0, 640px) minmax(0, 1fr); margin: 0.5rem 0; }
        @media (max-width: 60rem) { .beside { grid-template-columns: 1fr; } }
        .table { max-height: 30rem; overflow: auto; width: fit-content; max-width: 100%; white-space: nowrap; }
        table { border-collapse: collapse; } caption { text-align: left; color: var(--faint); }
        th { text-align: left; font-weight: normal; color: var(--faint); padding-right: 1rem; vertical-align: top; }
        .table thead th { position: sticky; top: 0; background: var(--paper); }
        td { text-align: right; padding-right: 1rem; font-variant-numeric: tabular-nums; }
        .facts td { text-align: left; overflow-wrap: anywhere; } .table rect { fill: var(--accent); }
        """
}
