import Drawings

/// A report of duplicates as a page for a web browser: one file, which needs nothing else.
///
/// Thumbnails are in the page itself. Images are compared side by side with the one that stays, marks are changed with keys or by a click, and
/// the report with those marks is saved as the text that `hashdb apply` reads. The page's one script is its own; it loads nothing from a network,
/// and from the disk only the original of an image that is looked at closely.
public struct DuplicatesPage: Sendable {
    /// What is shown.
    public var report: DuplicateReport
    /// The most pixels of a thumbnail in either direction.
    public var thumbnailSide = 240

    /// A page of a report.
    public init(_ report: DuplicateReport) {
        self.report = report
    }

    /// Writes the page to a file, whole or not at all.
    ///
    /// - Throws: `ImageCodesError.unwritable`. An image that cannot be shown is no error: the page says why.
    public func write(to path: String) throws {
        let frame = PageFrame(
            title: title, style: PictureViewer.style + "\n" + Self.style,
            script: PictureViewer.script + "\n" + Self.script, opensFiles: true)
        let keys: [(key: String, effect: String)] = [
            ("Space", "keeps or drops an image"), ("S", "saves the report for hashdb apply"),
        ]
        try WholeFile.write(to: path, .page) { page in
            page.append(frame.begin + header)
            for (number, group) in report.groups.enumerated() where page.isWritten {
                page.append(section(group, number: number + 1))
            }
            page.append("</main>\n" + PictureViewer(sections: "groups", keys: keys).dialogs + frame.end)
        }
    }

    private var title: String { "Duplicates in \(report.store)" }

    /// The lines before the first group, for the report that is saved.
    private var firstLines: String {
        report.text.split(separator: "\n").prefix { $0.hasPrefix("#") }.map { escapedForXML(String($0)) }.joined(
            separator: "\n")
    }

    private var header: String {
        """
        <header>
        <h1>\(escapedForXML(title))</h1>
        <p>\(report.groups.count) groups; \(escapedForXML(report.rule)). <span id="tally"></span></p>
        <p>A click on an image shows it beside the one that stays, one beside it keeps or drops it. \(PictureViewer.button)
        <button id="save">Save the report</button></p>
        </header>
        <main>
        <pre id="head" hidden>\(firstLines)</pre>

        """
    }

    private func section(_ group: DuplicateReport.Group, number: Int) -> String {
        let figures = group.images.map { figure($0) }.joined()
        return """
            <section data-tier="\(group.tier.rawValue)">
            <h2>Group \(number): \(group.images.count) files, \(group.tier.rawValue)</h2>
            <div class="images">
            \(figures)</div>
            </section>

            """
    }

    private func figure(_ image: DuplicateReport.Image) -> String {
        let name = image.path.description
        let picture = EmbeddedPicture(of: image.path, name: name, side: thumbnailSide).html
        let facts =
            "\(image.width) × \(image.height), \(image.content.size) bytes, \(ReportTime.text(image.modificationTime))"
        let relation =
            image.mark == .keep && image.distance == 0
            ? "stays: \(image.why)" : "\(image.why), distance <strong>\(image.distance)</strong> of \(report.bits) bits"
        return """
            <figure tabindex="0" class="\(image.mark.rawValue)" data-bytes="\(image.content.size)" \
            data-line="\(escapedForXML(image.lineWithoutMark))">\(picture)<figcaption><b class="mark"></b> \(relation)<br>\(facts)<br>\
            <span class="path">\(escapedForXML(name))</span></figcaption></figure>

            """
    }

    private static let style = """
        :root { --keep: #17803d; --drop: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --keep: #5fd08a; --drop: #ff8a80; } }
        header { position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line); z-index: 1; }
        figure { cursor: pointer; scroll-margin-top: 8rem; }
        figure.keep { border-color: var(--keep); } figure.drop img { opacity: 0.6; }
        figure.keep .mark::before { content: "keep"; color: var(--keep); }
        figure.drop .mark::before { content: "drop"; color: var(--drop); }
        """

    private static let script = """
        const isKept = figure => figure.className === "keep";
        const groupOf = figure => [...figure.closest("section").querySelectorAll("figure")];
        function besideOf(figure) { return groupOf(figure).find(other => isKept(other) && other !== figure) || groupOf(figure)[0]; }
        function tally() {
          const dropped = figures.filter(figure => !isKept(figure));
          const bytes = dropped.reduce((sum, figure) => sum + Number(figure.dataset.bytes), 0);
          document.getElementById("tally").textContent = `${dropped.length} files to drop, ${(bytes / 1e6).toFixed(1)} MB.`;
        }
        function toggle(figure) {
          if (isKept(figure) && groupOf(figure).filter(isKept).length === 1) return;
          figure.className = isKept(figure) ? "drop" : "keep";
          tally();
        }
        function reportText() {
          const lines = [document.getElementById("head").textContent];
          document.querySelectorAll("section").forEach((section, index) => {
            lines.push("", `group ${index + 1} ${section.dataset.tier}`);
            for (const figure of section.querySelectorAll("figure")) lines.push(`  ${figure.className}  ${figure.dataset.line}`);
          });
          return lines.join("\\n") + "\\n";
        }
        function save() {
          const link = document.createElement("a");
          link.href = URL.createObjectURL(new Blob([reportText()], { type: "text/plain" }));
          link.download = "duplicates.txt";
          link.click();
        }
        Object.assign(actions, { " ": () => { if (current) toggle(current); }, s: save, S: save });
        for (const figure of figures) figure.addEventListener("click", () => toggle(figure));
        document.getElementById("save").addEventListener("click", save);
        tally();
        """
}
