/// A square of numbers from −1 (blue) over 0 (white) to 1 (red), as an SVG file that needs nothing else.
package struct HeatMap {
    package var title: String
    /// Side × side numbers, row by row.
    package var values: [Double]
    package var side: Int

    package init(title: String, values: [Double], side: Int) {
        self.title = title
        self.values = values
        self.side = side
    }

    private static let width = 480

    /// The file's text.
    package var svg: String {
        let cell = Double(Self.width) / Double(max(1, side))
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(Self.width + 40)" \
            viewBox="0 -40 \(Self.width) \(Self.width + 40)" role="img" font-family="sans-serif" font-size="15" shape-rendering="crispEdges">
            <title>\(escapedForXML(title))</title>
            <rect y="-40" width="\(Self.width)" height="\(Self.width + 40)" fill="#ffffff"/>
            <text x="\(Self.width / 2)" y="-14" text-anchor="middle">\(escapedForXML(title))</text>

            """
        for (index, value) in values.enumerated() where abs(value) >= 0.01 {
            let (row, column) = index.quotientAndRemainder(dividingBy: side)
            let (x, y) = (fixedPoint(Double(column) * cell, digits: 2), fixedPoint(Double(row) * cell, digits: 2))
            let size = fixedPoint(cell, digits: 2)
            text +=
                "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(size)\" height=\"\(size)\" fill=\"\(Self.colour(value))\"/>\n"
        }
        return text + "</svg>\n"
    }

    private static func colour(_ value: Double) -> String {
        let strength = min(1, abs(value))
        let others = Int((255 * (1 - strength)).rounded())
        let own = Int((255 - 75 * strength).rounded())
        return value > 0 ? "rgb(\(own),\(others),\(others))" : "rgb(\(others),\(others),\(own))"
    }
}
