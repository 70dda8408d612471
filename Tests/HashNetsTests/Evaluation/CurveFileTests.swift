import Foundation
import HashNets
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct CurveFileTests {
    private func curve() throws -> PrecisionRecallCurve {
        let images = syntheticImages(perClass: 8, side: 2)
        let task = RetrievalTask(
            images, try ProtocolSplit(images, queriesPerClass: 2, labelledPerClass: 0, seed: 1), seed: 1)
        return RetrievalEvaluation(task, codes: images.labels.map { UInt8($0) }, codeBytes: 1).curve
    }

    @Test func valuesAreATableOfAllCurves() throws {
        let curve = try curve()
        // A quotation mark under an accent is one character, and a mark all the same.
        #expect(PrecisionRecallCurve.csv([("\"\u{301}", curve)]).contains("\n\"\"\"\u{301}\",first,1,"))
        let lines = PrecisionRecallCurve.csv([("model", curve), ("a \"b\", c", curve)]).split(separator: "\n")
        #expect(lines.count == 1 + 2 * (curve.lengths.count + curve.radii.count))
        #expect(lines[0] == "codes,cut,at,recall,precision")
        #expect(lines.contains("model,first,18,1.000000,0.333333"))
        #expect(lines.contains("model,radius,0,1.000000,1.000000"))
        #expect(lines.last == "\"a \"\"b\"\", c\",radius,8,1.000000,0.333333")
    }

    @Test func theDrawingIsXMLWithLabelledAxes() throws {
        let names = ["model", "<lsh> & \u{7} \u{1F984}"]
        let text = PrecisionRecallCurve.svg(try names.map { ($0, try curve()) }, title: "a < b")
        let reader = TextReader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        #expect(parser.parse())
        for label in ["recall", "precision", "0.0", "1.0", "a < b", "model", "<lsh> &   \u{1F984}"] {
            #expect(reader.texts.contains(label))
        }
        #expect(!text.contains("nan") && !text.contains("href"))
    }
}

/// Gathers the texts of a document.
private final class TextReader: NSObject, XMLParserDelegate {
    var texts: [String] = []
    private var isNew = true

    func parser(
        _: XMLParser, didStartElement _: String, namespaceURI _: String?, qualifiedName _: String?,
        attributes _: [String: String]
    ) {
        isNew = true
    }

    func parser(_: XMLParser, didEndElement _: String, namespaceURI _: String?, qualifiedName _: String?) {
        isNew = true
    }

    func parser(_: XMLParser, foundCharacters string: String) {
        if isNew { texts.append(string) } else { texts[texts.count - 1] += string }
        isNew = false
    }
}
