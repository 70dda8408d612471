/// Lines over two labelled axes from 0 to 1, as an SVG file that needs nothing else.
package struct LineChart {
    /// One line.
    package struct Line {
        package var name: String
        package var points: [(x: Double, y: Double)]

        package init(_ name: String, points: [(x: Double, y: Double)]) {
            self.name = name
            self.points = points
        }
    }

    package var title: String
    package var xLabel: String
    package var yLabel: String
    package var lines: [Line]

    package init(title: String, xLabel: String, yLabel: String, lines: [Line]) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.lines = lines
    }

    private static let (width, height) = (640.0, 480.0)
    private static let (left, right, top, bottom) = (64.0, 24.0, 44.0, 52.0)
    /// Okabe and Ito's colours, which colour-blind people tell apart.
    private static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]

    /// The file's text.
    package var svg: String {
        let (width, height) = (fixedPoint(Self.width, digits: 0), fixedPoint(Self.height, digits: 0))
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="13">
            <title>\(escaped(title))</title>
            <rect width="\(width)" height="\(height)" fill="#ffffff"/>

            """
        text += label(title, x: (Self.left + Self.width - Self.right) / 2, y: 26, attributes: " font-size=\"15\"")
        text += axes
        for (number, line) in lines.enumerated() { text += drawing(of: line, number: number) }
        return text + "</svg>\n"
    }

    private var axes: String {
        var text = ""
        for tick in 0...5 {
            let value = Double(tick) / 5
            let name = fixedPoint(value, digits: 1)
            text += stroke("M\(place(value, 0))L\(place(value, 1))", colour: "#dddddd", width: 1)
            text += stroke("M\(place(0, value))L\(place(1, value))", colour: "#dddddd", width: 1)
            text += label(name, x: x(value), y: y(0) + 18)
            text += label(name, x: x(0) - 8, y: y(value) + 4, anchor: "end")
        }
        text += stroke("M\(place(0, 1))L\(place(0, 0))L\(place(1, 0))", colour: "#000000", width: 1)
        text += label(xLabel, x: x(0.5), y: Self.height - 12)
        let middle = fixedPoint(y(0.5), digits: 1)
        text += label(yLabel, x: 18, y: y(0.5), attributes: " transform=\"rotate(-90 18 \(middle))\"")
        return text
    }

    private func drawing(of line: Line, number: Int) -> String {
        let colour = Self.colours[number % Self.colours.count]
        let path = line.points.enumerated().map { ($0.offset == 0 ? "M" : "L") + place($0.element.x, $0.element.y) }
        let legend = y(1) + 18 + 20 * Double(number)
        let right = x(1) - 12
        let (start, end) = (fixedPoint(right - 24, digits: 1), fixedPoint(right, digits: 1))
        let level = fixedPoint(legend - 4, digits: 1)
        return stroke(path.joined(), colour: colour, width: 2)
            + stroke("M\(start) \(level)L\(end) \(level)", colour: colour, width: 2)
            + label(line.name, x: right - 30, y: legend, anchor: "end")
    }

    private func x(_ value: Double) -> Double {
        Self.left + min(max(value, 0), 1) * (Self.width - Self.left - Self.right)
    }

    private func y(_ value: Double) -> Double {
        Self.height - Self.bottom - min(max(value, 0), 1) * (Self.height - Self.top - Self.bottom)
    }

    private func place(_ x: Double, _ y: Double) -> String {
        "\(fixedPoint(self.x(x), digits: 1)) \(fixedPoint(self.y(y), digits: 1))"
    }

    private func stroke(_ path: String, colour: String, width: Int) -> String {
        "<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"\(width)\" stroke-linejoin=\"round\"/>\n"
    }

    private func label(
        _ text: String, x: Double, y: Double, anchor: String = "middle", attributes: String = ""
    ) -> String {
        let (x, y) = (fixedPoint(x, digits: 1), fixedPoint(y, digits: 1))
        return "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\"\(attributes)>\(escaped(text))</text>\n"
    }

    private func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            // XML has no place for control characters.
            case "\u{0}"..<" ", "\u{7f}"..."\u{9f}": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
