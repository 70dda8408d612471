import Foundation
import Testing

/// Debian's package `chromium`, where it is installed.
private let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
    FileManager.default.isExecutableFile(atPath: $0)
}

@Suite struct DuplicatesPageTests {
    /// Presses keys on the page in a browser, and gives what the page then says and would save.
    @Test(.enabled(if: browser != nil, "needs Chromium"))
    func keysChangeMarksAndTheSavedReportIsApplied() throws {
        let space = try Workspace()
        for name in ["in/a.ppm", "in/b & \"c\".ppm"] { try space.writePicture(name, seed: 1) }
        try space.writeModel("m.safetensors")
        #expect(try space.tool.run("ingest", "s.hashdb", "in", "--model", "m.safetensors").status == 0)
        #expect(try space.tool.run("duplicates", "s.hashdb", "--keep", "first-path", "--html", "page.html").status == 0)
        let page = try String(contentsOfFile: space.file("page.html"), encoding: .utf8)
        let nonce = try #require(page.firstMatch(of: /nonce-([0-9a-f]+)/)).1
        let probe = """
            <script nonce="\(nonce)">
            const press = key => document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            const marks = () => figures.map(figure => figure.className).join(" ");
            const seen = [marks()];
            press("ArrowRight"); press(" ");
            seen.push(marks());
            press("ArrowRight"); press(" ");
            seen.push(marks());
            press("ArrowLeft"); press(" ");
            seen.push(marks());
            press("Enter");
            seen.push(`${closeUp.open} ${closeUp.querySelectorAll("img").length}`, `${figures[0].querySelector("img").naturalWidth}`);
            const result = document.createElement("pre");
            result.id = "result";
            result.textContent = seen.join("|") + "\\n" + reportText();
            document.body.append(result);
            </script></body>
            """
        try space.write(Array(page.replacingOccurrences(of: "</body>", with: probe).utf8), to: "probe.html")
        let command = [
            try #require(browser), "--headless", "--no-sandbox", "--disable-gpu",
            "--user-data-dir=\(space.file("profile"))",
            "--dump-dom", "file://\(space.file("probe.html"))",
        ]
        let result = try space.tool.start(command).finish().output
        let text = try #require(result.firstMatch(of: /(?s)<pre id="result">(.*?)<\/pre>/)).1
            .replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
            .replacingOccurrences(of: "&amp;", with: "&")
        let parts = text.split(separator: "\n", maxSplits: 1)
        // The only kept one stays kept; the second is kept too, and then the first may go.
        #expect(parts[0] == "keep drop|keep drop|keep keep|drop keep|true 2|48")
        try space.write(Array(parts[1].utf8), to: "report")
        let shown = try space.tool.run("apply", "report")
        #expect(shown.status == 0 && shown.lines.count == 1)
        #expect(
            shown.lines.first?.contains("in/a.ppm  (") == true && shown.output.contains("b & \"c\".ppm, same-bytes"))
    }
}
