import Foundation
import Testing

@Suite struct DuplicatesPageTests {
    /// Presses keys on the page in a browser, and applies the report that the page would save.
    @Test(.enabled(if: Browser.path != nil, "needs Chromium"))
    func keysChangeMarksAndTheSavedReportIsApplied() throws {
        let space = try Workspace()
        for name in ["in/a.ppm", "in/b & \"c\".ppm"] { try space.writePicture(name, seed: 1) }
        try space.writeModel("m.safetensors")
        #expect(try space.tool.run("ingest", "s.hashdb", "in", "--model", "m.safetensors").status == 0)
        #expect(try space.tool.run("duplicates", "s.hashdb", "--keep", "first-path", "--html", "page.html").status == 0)
        let browser = try Browser(space)
        try browser.open(space.file("page.html"))
        func marks() throws -> String { try browser.value(of: "figures.map(figure => figure.className).join(' ')") }
        func mark(_ number: Int) throws -> String {
            try browser.value(of: "getComputedStyle(figures[\(number)].querySelector('.mark'), '::before').content")
        }

        #expect(try marks() == "keep drop" && browser.text("#tally") == "1 files to drop, 0.0 MB.")
        #expect(try mark(0) == "\"keep\"" && mark(1) == "\"drop\"")
        // The only one that is kept stays so; when the second is kept too, the first may go.
        try browser.press("ArrowRight", " ")
        #expect(try marks() == "keep drop")
        try browser.press("ArrowRight", " ")
        #expect(try marks() == "keep keep" && browser.text("#tally") == "0 files to drop, 0.0 MB.")
        try browser.press("ArrowLeft", " ")
        #expect(try marks() == "drop keep" && mark(0) == "\"drop\"")
        try browser.press("Enter")
        #expect(try browser.isSeen("#close-up .side:nth-child(2) img"))
        #expect(try browser.value(of: "closeUp.querySelectorAll('img').length") == 2)
        #expect(try browser.text("#close-up .side:nth-child(1)").contains("b & \"c\".ppm"))
        try browser.press("Escape")
        #expect(try !browser.isSeen("#close-up"))
        #expect(browser.complaints.isEmpty)

        let report: String = try browser.value(of: "reportText()")
        try space.write(Array(report.utf8), to: "report")
        let shown = try space.tool.run("apply", "report")
        #expect(shown.status == 0 && shown.lines.count == 1)
        #expect(
            shown.lines.first?.contains("in/a.ppm  (") == true && shown.output.contains("b & \"c\".ppm, marked keep"))
    }
}
