import Drawings
import Testing

@Suite struct DrawingTests {
    @Test func pointsBeyondTheAxesAreDrawnAtTheirEnds() {
        let chart = LineChart(
            title: "a < b", xLabel: "x", yLabel: "y", lines: [.init("c & d", points: [(0, 0.5), (0.5, 2), (7, -1)])])
        #expect(chart.svg.contains("d=\"M64.0 236.0L340.0 44.0L616.0 428.0\""))
        #expect(chart.svg.contains(">a &lt; b</text>") && chart.svg.contains(">c &amp; d</text>"))
    }

    @Test func eachTenfoldTakesTheSameHeight() {
        var chart = LineChart(
            title: "t", xLabel: "x", yLabel: "y", lines: [.init("l", points: [(0, 1), (0.5, 10), (1, 100)])])
        chart.yRange = 1...100
        chart.yIsLogarithmic = true
        #expect(chart.svg.contains("d=\"M64.0 428.0L340.0 236.0L616.0 44.0\""))
        for tick in ["1", "10", "100"] { #expect(chart.svg.contains(">\(tick)</text>")) }
    }

    @Test func squaresOfAHeatMapAreRedAboveZeroAndBlueBelow() {
        let text = HeatMap(title: "a < b", values: [1, 0.009, -1, 0.5], side: 2).svg
        let squares = text.split(separator: "\n").filter { $0.hasPrefix("<rect x=") }
        #expect(
            squares == [
                "<rect x=\"0.00\" y=\"0.00\" width=\"240.00\" height=\"240.00\" fill=\"rgb(180,0,0)\"/>",
                "<rect x=\"0.00\" y=\"240.00\" width=\"240.00\" height=\"240.00\" fill=\"rgb(0,0,180)\"/>",
                "<rect x=\"240.00\" y=\"240.00\" width=\"240.00\" height=\"240.00\" fill=\"rgb(218,128,128)\"/>",
            ])
        #expect(text.contains("<title>a &lt; b</title>"))
    }
}
