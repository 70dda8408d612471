import Drawings
import HashNets

/// Drawings in pages.
enum Charts {
    /// Drawings beside one another, which a page takes without the line that begins a file.
    static func row(_ drawings: [String]) -> String {
        let inside = drawings.map { $0.split(separator: "\n").drop { $0.hasPrefix("<?xml") }.joined(separator: "\n") }
        return "<div class=\"charts\">\n\(inside.joined(separator: "\n"))\n</div>"
    }

    /// Rules for rows, and for black on white to be white on black where a reader prefers that.
    static let style = """
        .charts { display: flex; flex-wrap: wrap; gap: 1rem; } .charts svg { max-width: 100%; height: auto; }
        @media (prefers-color-scheme: dark) { .charts svg { filter: invert(0.9) hue-rotate(180deg); } }
        """
}

extension CodeStatistics {
    /// Correlations of more bits than this would not be seen.
    private static let mostShownBits = 128

    /// The share of codes that have each bit.
    var balance: LineChart {
        var chart = LineChart(
            title: "Balance of the bits", xLabel: "bit", yLabel: "share of codes that have it",
            lines: [.init("share", points: ones.enumerated().map { (Double($0), $1) })])
        chart.xRange = 0...Double(max(1, bits - 1))
        return chart
    }

    /// How the bits follow one another, unless there are too many.
    var correlationMap: HeatMap? {
        guard bits <= Self.mostShownBits else { return nil }
        return HeatMap(
            title: "Correlation of the bits: blue −1, white 0, red 1", values: correlations, side: bits)
    }

    /// A sentence and its half about the codes, to go on from their number.
    var summary: String {
        """
        \(distinct) different codes. On average a bit is \(fixedPoint(meanImbalance, digits: 3)) away from halving them, and two bits have \
        a correlation of \(fixedPoint(meanCorrelation, digits: 3)).
        """
    }
}
