import Drawings

/// A page for a web browser that shows queries and the images found: one file, which needs nothing else, not even the images.
///
///     try GalleryPage(title: "photos.hashdb", bitWidth: 48).write([query], to: "answer.html")
///
/// Thumbnails are in the page itself. Keys move between images and queries and show an image beside its query, for which the originals are
/// loaded from where they were, if they still are there. The page loads nothing from a network, adapts to small screens and follows the
/// light or dark setting of the reader.
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
        let frame = PageFrame(
            title: title, style: PictureViewer.style + "\n" + Self.style,
            script: PictureViewer.script + "\n" + Self.script, opensFiles: true)
        try WholeFile.write(to: path, .page) { page in
            page.append(frame.begin)
            page.append("<header><h1>\(escapedForXML(title))</h1><p>\(PictureViewer.button)</p></header>\n<main>\n")
            for query in queries where page.isWritten { page.append(section(query)) }
            page.append("</main>\n" + PictureViewer(sections: "queries").dialogs + frame.end)
        }
    }

    // MARK: Parts

    private func section(_ query: GalleryQuery) -> String {
        let count = query.neighbours.count
        let image = query.image.map { figure($0, caption: "<strong>Query</strong>", name: query.label, isQuery: true) }
        return """
            <section>
            <h2>\(escapedForXML(query.label))</h2>
            <p>\(count == 0 ? "Nothing found." : "\(count) \(count == 1 ? "neighbour" : "neighbours"), nearest first")</p>
            <div class="images">
            \(image ?? "")\(query.neighbours.map(figure).joined())</div>
            </section>

            """
    }

    private func figure(_ neighbour: GalleryQuery.Neighbour) -> String {
        let caption = "distance <strong>\(neighbour.distance)</strong> of \(bitWidth) bits, id \(neighbour.id)"
        guard let path = neighbour.path else {
            return
                "<figure tabindex=\"0\"><div class=\"none\">no file known</div><figcaption>\(caption)</figcaption></figure>\n"
        }
        return figure(path, caption: caption, name: path.description, isQuery: false)
    }

    private func figure(_ path: ImagePath, caption: String, name: String, isQuery: Bool) -> String {
        let picture = EmbeddedPicture(of: path, name: name, side: thumbnailSide).html
        return """
            <figure tabindex="0"\(isQuery ? " class=\"query\"" : "")>\(picture)<figcaption>\(caption)<br>\
            <span class="path">\(escapedForXML(name))</span></figcaption></figure>

            """
    }

    private static let style = "figure.query { border-color: var(--accent); }"

    private static let script =
        "function besideOf(figure) { return figure.closest(\"section\").querySelector(\"figure.query\"); }"
}
