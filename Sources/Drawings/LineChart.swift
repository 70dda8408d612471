import Foundation

/// Lines over two labelled axes, from 0 to 1 unless other ends are given, as an SVG file that needs nothing else.
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
    /// The ends of the axes. What lies beyond is drawn at the end.
    package var xRange = 0.0...1.0
    package var yRange = 0.0...1.0
    /// Whether each tenfold takes the same height; the range of y has to lie above 0 then.
    package var yIsLogarithmic = false
    /// What x = 0, 1, 2 … are called, where that is not their number.
    package var xNames: [String] = []

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
            viewBox="0 0 \(width) \(height)" role="img" font-family="sans-serif" font-size="13">
            <title>\(escapedForXML(title))</title>
            <rect width="\(width)" height="\(height)" fill="#ffffff"/>

            """
        text += label(title, x: (Self.left + Self.width - Self.right) / 2, y: 26, attributes: " font-size=\"15\"")
        text += axes
        for (number, line) in lines.enumerated() { text += drawing(of: line, number: number) }
        return text + "</svg>\n"
    }

    private var axes: String {
        var text = ""
        let (left, low) = (xRange.lowerBound, yRange.lowerBound)
        for (value, name) in xTicks {
            text += stroke("M\(place(value, low))L\(place(value, yRange.upperBound))", colour: "#dddddd", width: 1)
            text += label(name, x: x(value), y: y(low) + 18)
        }
        for (value, name) in yTicks {
            text += stroke("M\(place(left, value))L\(place(xRange.upperBound, value))", colour: "#dddddd", width: 1)
            text += label(name, x: x(left) - 8, y: y(value) + 4, anchor: "end")
        }
        text += stroke(
            "M\(place(left, yRange.upperBound))L\(place(left, low))L\(place(xRange.upperBound, low))",
            colour: "#000000",
            width: 1)
        text += label(xLabel, x: (Self.left + Self.width - Self.right) / 2, y: Self.height - 12)
        let middle = (Self.top + Self.height - Self.bottom) / 2
        let turn = " transform=\"rotate(-90 18 \(fixedPoint(middle, digits: 1)))\""
        text += label(yLabel, x: 18, y: middle, attributes: turn)
        return text
    }

    private var xTicks: [(Double, String)] {
        if xNames.isEmpty { return Self.ticks(of: xRange).map { ($0, Self.name(of: $0, in: xRange)) } }
        let step = (xNames.count + 11) / 12
        return xNames.enumerated().filter { $0.offset.isMultiple(of: step) }.map { (Double($0.offset), $0.element) }
    }

    private var yTicks: [(Double, String)] {
        guard yIsLogarithmic else { return Self.ticks(of: yRange).map { ($0, Self.name(of: $0, in: yRange)) } }
        return sequence(first: 1.0) { $0 * 10 }.prefix { $0 <= yRange.upperBound }
            .filter { $0 >= yRange.lowerBound }.map { ($0, fixedPoint($0, digits: 0)) }
    }

    /// A few round values of a range.
    private static func ticks(of range: ClosedRange<Double>) -> [Double] {
        let step = step(of: range)
        let first = (range.lowerBound / step - 1e-9).rounded(.up)
        return (0...12).map { (first + Double($0)) * step }.filter { $0 <= range.upperBound + step * 1e-9 }
    }

    /// 1, 2 or 5 times a power of ten, of which the range holds about five.
    private static func step(of range: ClosedRange<Double>) -> Double {
        let span = max(range.upperBound - range.lowerBound, 1e-9)
        var unit = 1.0
        while unit * 10 <= span { unit *= 10 }
        while unit > span { unit /= 10 }
        return span / unit >= 5 ? unit : span / unit >= 2.5 ? unit / 2 : unit / 5
    }

    private static func name(of value: Double, in range: ClosedRange<Double>) -> String {
        var digits = 0
        var step = step(of: range)
        while step < 0.999, digits < 9 {
            step *= 10
            digits += 1
        }
        return fixedPoint(value, digits: digits)
    }

    private func drawing(of line: Line, number: Int) -> String {
        let colour = Self.colours[number % Self.colours.count]
        let path = line.points.enumerated().map { ($0.offset == 0 ? "M" : "L") + place($0.element.x, $0.element.y) }
        let legend = y(yRange.upperBound) + 18 + 20 * Double(number)
        let right = x(xRange.upperBound) - 12
        let (start, end) = (fixedPoint(right - 24, digits: 1), fixedPoint(right, digits: 1))
        let level = fixedPoint(legend - 4, digits: 1)
        return stroke(path.joined(), colour: colour, width: 2)
            + stroke("M\(start) \(level)L\(end) \(level)", colour: colour, width: 2)
            + label(line.name, x: right - 30, y: legend, anchor: "end")
    }

    private func x(_ value: Double) -> Double {
        Self.left + Self.share(value, xRange) * (Self.width - Self.left - Self.right)
    }

    private func y(_ value: Double) -> Double {
        let share =
            yIsLogarithmic
            ? Self.share(log10(max(value, yRange.lowerBound)), log10(yRange.lowerBound)...log10(yRange.upperBound))
            : Self.share(value, yRange)
        return Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
    }

    private static func share(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
        return min(max((value - range.lowerBound) / span, 0), 1)
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
        return "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\"\(attributes)>\(escapedForXML(text))</text>\n"
    }
}
