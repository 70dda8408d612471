import Drawings
import Foundation
import HashNets
import ImageCodes

/// A training's report: one HTML file, which needs nothing else.
struct TrainingPage {
    let model: HashModel
    let images: LabelledImages
    let history: TrainingHistory
    let evaluation: RetrievalEvaluation?
    let sample: TrainingSample

    var html: String {
        let frame = PageFrame(title: model.name, style: Charts.style + "\n" + Self.style)
        return frame.begin + """
            <h1>\(escapedForXML(model.name))</h1>
            \(facts)
            \(section("How it learned", learning))
            \(section("What it finds", finding))
            \(section("Its codes", codes))
            \(section("Nearest images", strips))

            """ + frame.end
    }

    // MARK: Parts

    private var facts: String {
        let hidden = Set(["architecture", "bits", "classes", "input", "mean", "std", "scale", "widths"])
        let rows =
            [("fingerprint", model.fingerprint)]
            + model.metadata.filter { !hidden.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let cells = rows.map { "<tr><th>\(escapedForXML($0.0))</th><td>\(escapedForXML($0.1))</td></tr>" }
        return "<table>\n\(cells.joined(separator: "\n"))\n</table>"
    }

    private var learning: String {
        guard let first = history.points.first, let last = history.points.last, first.step < last.step else {
            return "<p>No steps were taken.</p>"
        }
        let losses = history.points.map(\.loss)
        var loss = LineChart(
            title: "Loss", xLabel: "step", yLabel: "mean of about fifty steps",
            lines: [.init("loss", points: history.points.map { (Double($0.step), $0.loss) })])
        loss.xRange = Double(first.step)...Double(last.step)
        loss.yRange = min(0, losses.min() ?? 0)...max(losses.max() ?? 1, 1e-6)
        var charts = [loss]
        let sure = history.points.compactMap { point in point.sureShare.map { (Double(point.step), $0) } }
        if sure.count > 1 {
            var chart = LineChart(
                title: "Guesses about unlabelled images that were sure enough", xLabel: "step", yLabel: "share",
                lines: [.init("sure", points: sure)])
            chart.xRange = sure[0].0...sure[sure.count - 1].0
            charts.append(chart)
        }
        if history.judgements.count > 1 {
            charts.append(judgements)
        }
        let resumed = first.step > 1 ? "<p>From step \(first.step) on, where the training was resumed.</p>" : ""
        return resumed + Charts.row(charts.map(\.svg))
    }

    private var judgements: LineChart {
        let points = history.judgements.map { (Double($0.step), $0.meanAveragePrecision) }
        var chart = LineChart(
            title: "Mean average precision of images that were not learned from", xLabel: "step",
            yLabel: "one half searched for among the other", lines: [.init("MAP", points: points)])
        chart.xRange = 0...max(points.map(\.0).max() ?? 1, 1)
        return chart
    }

    private var finding: String {
        guard let evaluation else { return "<p>No images were kept apart to search for.</p>" }
        let precisions = evaluation.precisionAt.sorted { $0.key < $1.key }
            .map { "<tr><th>precision of the first \($0.key)</th><td>\(fixedPoint($0.value))</td></tr>" }
        let table = """
            <table>
            <tr><th>mean average precision, ties averaged</th><td>\(fixedPoint(evaluation.meanAveragePrecision))</td></tr>
            <tr><th>precision within radius 2</th><td>\(fixedPoint(evaluation.precisionWithinRadius2))</td></tr>
            \(precisions.joined(separator: "\n"))
            </table>
            """
        let curve = PrecisionRecallCurve.svg(
            [(name: model.name, curve: evaluation.curve)], title: "Precision and recall")
        return table + Charts.row([curve, distances])
    }

    private var distances: String {
        func line(_ name: String, _ counts: [Int]) -> LineChart.Line {
            let all = Double(max(1, counts.reduce(0, +)))
            return .init(
                name, points: counts.prefix(model.bitCount + 1).enumerated().map { (Double($0), Double($1) / all) })
        }
        var chart = LineChart(
            title: "Distances of pairs", xLabel: "distance in bits", yLabel: "share of the pairs",
            lines: [line("of one class", sample.alike), line("of two classes", sample.different)])
        chart.xRange = 0...Double(model.bitCount)
        chart.yRange = 0...max(0.01, chart.lines.flatMap { $0.points.map(\.y) }.max() ?? 1)
        return chart.svg
    }

    private var codes: String {
        "<p>Of \(sample.statistics.count) images, \(sample.statistics.summary)</p>"
            + Charts.row([sample.statistics.balance.svg, sample.statistics.correlationMap?.svg].compactMap { $0 })
    }

    private var strips: String {
        let text =
            "<p>The first of each row was kept apart; the others are the nearest of \(sample.databaseCount) images, "
            + "with their distances. Framed ones have no class in common with it.</p>"
        return text
            + sample.strips.map { strip in
                let figures = strip.nearest.map { image, distance in
                    figure(image, caption: "\(distance)", isWrong: !images.areAlike(image, strip.query))
                }
                let name = className(strip.query)
                return
                    "<div class=\"strip\">\(figure(strip.query, caption: name, isWrong: false))\(figures.joined())</div>"
            }.joined(separator: "\n")
    }

    private func figure(_ image: Int, caption: String, isWrong: Bool) -> String {
        let pixels = images.pixels[image * images.shape.count..<(image + 1) * images.shape.count]
        let name = className(image)
        let source = SmallBitmap(pixels, images.shape).dataURL
        return "<figure\(isWrong ? " class=\"wrong\"" : "")><img src=\"\(source)\" alt=\"\(name)\" title=\"\(name)\">"
            + "<figcaption>\(caption)</figcaption></figure>"
    }

    /// The names of an image's class, or of all its labels.
    private func className(_ image: Int) -> String {
        let labels = images.haveSeveralLabels ? images.labelSets[image].sorted() : [images.labels[image]]
        return escapedForXML(labels.map { images.classNames[$0] }.joined(separator: ", "))
    }

    private static let style = """
        th { text-align: left; font-weight: normal; color: var(--faint); padding-right: 1rem; vertical-align: top; }
        td { overflow-wrap: anywhere; } p, figcaption { color: var(--faint); }
        .strip { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-bottom: 0.6rem; }
        figure { margin: 0; width: 5.5rem; border: 3px solid transparent; } figure.wrong { border-color: #d55e00; }
        figure:first-child { margin-right: 1rem; width: 7rem; }
        img { display: block; width: 100%; image-rendering: pixelated; }
        figcaption { font-size: 0.8rem; text-align: center; overflow: hidden; text-overflow: ellipsis; }
        """
}
