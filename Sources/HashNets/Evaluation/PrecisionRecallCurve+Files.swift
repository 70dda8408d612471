import Drawings

extension PrecisionRecallCurve {
    /// Named curves as comma-separated values: `codes,cut,at,recall,precision`, where the cut is `first` (that many of
    /// the nearest) or `radius`.
    public static func csv(_ curves: [(name: String, curve: PrecisionRecallCurve)]) -> String {
        var text = "codes,cut,at,recall,precision\n"
        for (name, curve) in curves {
            for (cut, points) in [("first", curve.lengths), ("radius", curve.radii)] {
                for point in points {
                    text += "\(field(name)),\(cut),\(point.cut),"
                    text += "\(fixedPoint(point.recall, digits: 6)),\(fixedPoint(point.precision, digits: 6))\n"
                }
            }
        }
        return text
    }

    /// Named curves, by how many of the nearest are taken, as an SVG image that needs no other file.
    public static func svg(_ curves: [(name: String, curve: PrecisionRecallCurve)], title: String) -> String {
        LineChart(
            title: title, xLabel: "recall", yLabel: "precision",
            lines: curves.map { name, curve in
                LineChart.Line(name, points: curve.lengths.map { ($0.recall, $0.precision) })
            }
        ).svg
    }

    /// A field, quoted where it would be taken for several (RFC 4180).
    private static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { [",", "\"", "\r", "\n"].contains($0) }) else { return text }
        return "\"" + text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}
