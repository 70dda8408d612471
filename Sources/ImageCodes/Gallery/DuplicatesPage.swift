import HashNets

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
        try PageFile.write(to: path) { page in
            page.append(begin)
            for (number, group) in report.groups.enumerated() where page.isWritten {
                page.append(section(group, number: number + 1))
            }
            page.append(
                "</main>\n<dialog id=\"close-up\"></dialog>\n<script nonce=\"\(nonce)\">\n\(Self.script)\n</script>\n")
            page.append("</body>\n</html>\n")
        }
    }

    /// Lets the page's own script run and no other.
    private var nonce: String { "\(ContentHash(of: Array(report.text.utf8)))" }

    /// The lines before the first group, for the report that is saved.
    private var firstLines: String {
        report.text.split(separator: "\n").prefix { $0.hasPrefix("#") }.map { escapedForXML(String($0)) }.joined(
            separator: "\n")
    }

    private var begin: String {
        let title = "Duplicates in \(report.store)"
        let head = pageHead(title: title, style: Self.style, images: "data: file:", scripts: "'nonce-\(nonce)'")
        return head + """
            <header>
            <h1>\(escapedForXML(title))</h1>
            <p>\(report.groups.count) groups; \(escapedForXML(report.rule)). <span id="tally"></span></p>
            <p>Arrow keys move, <kbd>Space</kbd> keeps or drops, <kbd>Enter</kbd> shows an image beside the one that stays,
            <kbd>S</kbd> saves the report for <code>hashdb apply</code>. <button id="save">Save the report</button></p>
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
        :root { color-scheme: light dark; --line: #8884; --paper: #fff; --ink: #1b1b1b; --faint: #666; --keep: #17803d; --drop: #b3261e; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #161616; --ink: #eee; --faint: #aaa; --keep: #5fd08a; --drop: #ff8a80; } }
        body { margin: 0 auto; max-width: 100rem; padding: 1rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.4 system-ui, sans-serif; }
        header { position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line); z-index: 1; }
        h1 { font-size: 1.4rem; margin: 0; } h1, .path { overflow-wrap: anywhere; } h2 { font-size: 1.1rem; } p { margin: 0.3rem 0; }
        section { border-top: 1px solid var(--line); padding: 0.5rem 0; }
        .images { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(12rem, 44%), 1fr)); }
        figure { margin: 0; padding: 0.5rem; border: 2px solid var(--line); border-radius: 0.5rem; cursor: pointer; }
        figure.keep { border-color: var(--keep); } figure.drop img { opacity: 0.6; }
        figure.keep .mark::before { content: "keep"; color: var(--keep); }
        figure.drop .mark::before { content: "drop"; color: var(--drop); }
        figure:focus { outline: 3px solid #3b7dd8; outline-offset: 2px; }
        img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; }
        figcaption { margin-top: 0.5rem; font-size: 0.85rem; } .path { color: var(--faint); }
        .none { display: grid; place-items: center; aspect-ratio: 1; color: var(--faint); text-align: center; }
        dialog { width: 94vw; height: 92vh; max-width: none; max-height: none; box-sizing: border-box; background: var(--paper); color: var(--ink); }
        dialog .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; height: 100%; }
        dialog .side { display: flex; flex-direction: column; min-height: 0; overflow: auto; }
        dialog img { height: 100%; min-height: 0; aspect-ratio: auto; flex: 1; }
        dialog .large img { flex: none; width: auto; height: auto; max-width: none; }
        """

    private static let script = """
        "use strict";
        const figures = [...document.querySelectorAll("figure")];
        const closeUp = document.getElementById("close-up");
        const groupOf = figure => [...figure.closest("section").querySelectorAll("figure")];
        function tally() {
          const dropped = figures.filter(figure => figure.className === "drop");
          const bytes = dropped.reduce((sum, figure) => sum + Number(figure.dataset.bytes), 0);
          document.getElementById("tally").textContent = `${dropped.length} files to drop, ${(bytes / 1e6).toFixed(1)} MB.`;
        }
        function toggle(figure) {
          const isKept = figure.className === "keep";
          if (isKept && groupOf(figure).filter(other => other.className === "keep").length === 1) return;
          figure.className = isKept ? "drop" : "keep";
          tally();
        }
        function side(figure) {
          const side = document.createElement("div");
          side.className = "side";
          const shown = figure.querySelector("img");
          if (shown) {
            const image = document.createElement("img");
            const link = figure.querySelector("a");
            image.alt = shown.alt;
            image.onerror = () => { image.onerror = null; image.src = shown.src; };
            image.src = link ? link.href : shown.src;
            side.append(image);
          }
          const text = document.createElement("div");
          text.textContent = figure.querySelector("figcaption").innerText;
          side.append(text);
          return side;
        }
        function look(figure) {
          const kept = groupOf(figure).find(other => other.className === "keep" && other !== figure) || groupOf(figure)[0];
          const pair = document.createElement("div");
          pair.className = "pair";
          pair.append(side(kept), side(figure));
          pair.onclick = () => pair.classList.toggle("large");
          closeUp.replaceChildren(pair);
          if (!closeUp.open) closeUp.showModal();
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
        let current = null;
        for (const figure of figures) {
          figure.addEventListener("focus", () => { current = figure; });
          figure.addEventListener("click", event => { if (!event.target.closest("a")) toggle(figure); else { event.preventDefault(); figure.focus(); look(figure); } });
        }
        closeUp.addEventListener("close", () => { if (current) current.focus(); });
        document.getElementById("save").addEventListener("click", save);
        document.addEventListener("keydown", event => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          const index = current ? figures.indexOf(current) : -1;
          const go = step => {
            const next = figures[Math.min(Math.max(index + step, 0), figures.length - 1)];
            if (!next) return;
            current = next;
            if (closeUp.open) look(next); else next.focus();
          };
          switch (event.key) {
          case "ArrowRight": case "ArrowDown": case "j": go(1); break;
          case "ArrowLeft": case "ArrowUp": case "k": go(-1); break;
          case " ": if (current) toggle(current); break;
          case "Enter": if (current && event.target.tagName !== "BUTTON") look(current); else return; break;
          case "s": case "S": save(); break;
          default: return;
          }
          event.preventDefault();
        });
        tally();
        """
}
