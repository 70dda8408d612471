import Drawings

extension WholeFile.Kind {
    /// Pages for a web browser.
    package static let page = Self(beginning: "<!DOCTYPE html")
}

/// What pages for a web browser have in common: their first and last lines, and how text and tables look.
///
/// A page is one file that needs nothing else. Its content security policy forbids it to load anything from a network, and lets no script
/// run but the page's own, which bears a number made for this page alone. It follows the light or dark setting of the reader.
package struct PageFrame: Sendable {
    private let title: String
    private let style: String
    private let script: String?
    private let opensFiles: Bool
    private let nonce = [0, 1].map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 16) }.joined()

    /// - Parameters:
    ///   - title: The page's title; its heading is for the page to write.
    ///   - style: Rules beside the common ones.
    ///   - script: What runs when the page has been read.
    ///   - opensFiles: Whether images may come from the disk, not only from the page itself.
    package init(title: String, style: String = "", script: String? = nil, opensFiles: Bool = false) {
        self.title = title
        self.style = style
        self.script = script
        self.opensFiles = opensFiles
    }

    /// All up to the beginning of the body.
    package var begin: String {
        let policy =
            "default-src 'none'; img-src data:\(opensFiles ? " file:" : ""); style-src 'unsafe-inline'"
            + (script == nil ? "" : "; script-src 'nonce-\(nonce)'")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <title>\(escapedForXML(title))</title>
            <style>
            \(Self.style)
            \(style)
            </style>
            </head>
            <body>

            """
    }

    /// All from the end of the body on.
    package var end: String {
        (script.map { "<script nonce=\"\(nonce)\">\n\($0)\n</script>\n" } ?? "") + "</body>\n</html>\n"
    }

    package static let style = """
        :root { color-scheme: light dark; --line: #8884; --paper: #fff; --ink: #1b1b1b; --faint: #666; --accent: #3b7dd8; }
        @media (prefers-color-scheme: dark) { :root { --paper: #161616; --ink: #eee; --faint: #aaa; --accent: #7db0f2; } }
        body { margin: 0 auto; max-width: 100rem; padding: 1rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.4 system-ui, sans-serif; }
        h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; overflow-wrap: anywhere; }
        p { margin: 0.3rem 0; } section { border-top: 1px solid var(--line); padding: 0.5rem 0; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        """
}
