import HashNets

/// A page for a web browser that shows queries and the images found: one file, which needs nothing else, not even the images.
///
///     try GalleryPage(title: "photos.hashdb", bitWidth: 48).write([query], to: "answer.html")
///
/// Thumbnails are in the page itself, and a click on one opens the original from where it was. The page loads nothing from anywhere,
/// runs no script, adapts to small screens and follows the light or dark setting of the reader.
public struct GalleryPage: Sendable {
    /// What the page is about, such as the name of the store.
    public var title: String
    /// Bits of a code, which distances are told in relation to.
    public var bitWidth: Int
    /// The most pixels of a thumbnail in either direction.
    public var thumbnailSide = 240

    /// Makes an empty page.
    public init(title: String, bitWidth: Int) {
        self.title = title
        self.bitWidth = bitWidth
    }

    /// Writes the page to a file, whole or not at all; queries are taken and their thumbnails made one after another.
    ///
    /// - Throws: `ImageCodesError.unwritable` if the file cannot be written. An image that cannot be shown is no error: the page says why.
    public func write(_ queries: some Sequence<GalleryQuery>, to path: String) throws {
        try PageFile.write(to: path) { page in
            page.append(pageBegin)
            for query in queries where page.isWritten { page.append(section(query)) }
            page.append(pageEnd)
        }
    }

    // MARK: Parts

    private var pageBegin: String {
        pageHead(title: title, style: GalleryPage.style) + "<h1>\(escapedForXML(title))</h1>\n"
    }

    private var pageEnd: String { "</body>\n</html>\n" }

    private func section(_ query: GalleryQuery) -> String {
        let count = query.neighbours.count
        let image =
            query.image.map { figure($0, caption: "<strong>Query</strong>", name: query.label, isQuery: true) } ?? ""
        return """
            <section>
            <h2>\(escapedForXML(query.label))</h2>
            <p>\(count == 0 ? "Nothing found." : "\(count) \(count == 1 ? "neighbour" : "neighbours"), nearest first")</p>
            <div class="images">
            \(image)\(query.neighbours.map(figure).joined())</div>
            </section>

            """
    }

    private func figure(_ neighbour: GalleryQuery.Neighbour) -> String {
        let caption = "distance <strong>\(neighbour.distance)</strong> of \(bitWidth) bits, id \(neighbour.id)"
        guard let path = neighbour.path else {
            return "<figure><div class=\"none\">no file known</div><figcaption>\(caption)</figcaption></figure>\n"
        }
        return figure(path, caption: caption, name: path.description, isQuery: false)
    }

    private func figure(_ path: ImagePath, caption: String, name: String, isQuery: Bool) -> String {
        """
        <figure\(isQuery ? " class=\"query\"" : "")>\(EmbeddedPicture(of: path, name: name, side: thumbnailSide).html)<figcaption>\(caption)<br>\
        <span class="path">\(escapedForXML(name))</span></figcaption></figure>

        """
    }

    private static let style = """
        :root { color-scheme: light dark; --line: #8884; --paper: #fff; --ink: #1b1b1b; --faint: #666; }
        @media (prefers-color-scheme: dark) { :root { --paper: #161616; --ink: #eee; --faint: #aaa; } }
        body { margin: 0 auto; max-width: 100rem; padding: 1rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.4 system-ui, sans-serif; }
        h1 { font-size: 1.4rem; } h1, h2, .path { overflow-wrap: anywhere; }
        h2 { font-size: 1.1rem; margin: 0; } p { color: var(--faint); margin: 0.2rem 0 0.8rem; }
        section { border-top: 1px solid var(--line); padding: 1rem 0; }
        .images { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(10rem, 44%), 1fr)); }
        figure { margin: 0; padding: 0.5rem; border: 1px solid var(--line); border-radius: 0.5rem; }
        figure.query { border: 2px solid #3b7dd8; }
        img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; }
        figcaption { margin-top: 0.5rem; font-size: 0.85rem; } .path { color: var(--faint); }
        .none { display: grid; place-items: center; aspect-ratio: 1; color: var(--faint); text-align: center; }
        """
}
