import ImageCodes

/// The page for people, and what belongs to it: three texts of this program's own, so that nothing of any disk is served.
enum WebPage {
    /// What the page may load and run: its own files, its own thumbnails, and the image that a person has picked.
    private static let policy =
        "default-src 'none'; img-src 'self' blob:; style-src 'self'; script-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static func file(_ name: String) -> HTTPResponse {
        let (type, text) =
            switch name {
            case "page.css": ("text/css; charset=utf-8", style)
            case "page.js": ("text/javascript; charset=utf-8", script)
            default: ("text/html; charset=utf-8", html)
            }
        var response = HTTPResponse(200, type: type, Array(text.utf8))
        response.headers += [("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer")]
        return response
    }

    private static let html = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>hashdb</title>
        <link rel="stylesheet" href="/page.css">
        <script src="/page.js" defer></script>
        </head>
        <body>
        <header>
        <h1>hashdb</h1>
        <label>Store <select id="store"></select></label>
        <span id="facts"></span>
        <nav><button id="to-search" aria-pressed="true">Search</button> <button id="to-duplicates" aria-pressed="false">Duplicates</button></nav>
        </header>
        <main>
        <section id="search">
        <form id="question">
        <label id="drop">Drop an image here, paste it, or <span class="link">pick one</span>
        <input type="file" id="file" accept="image/*"><img id="picked" alt="" hidden></label>
        <div>
        <label>or a code <input id="code" placeholder="hexadecimal" spellcheck="false" autocomplete="off"></label>
        <label>neighbours <input id="k" type="number" value="20" min="1"></label>
        <label><input id="variants" type="checkbox"> turned and mirrored too</label>
        <button id="go">Search</button>
        </div>
        </form>
        <p id="answer" role="status"></p>
        <div id="found" class="images"></div>
        </section>
        <section id="duplicates" hidden>
        <form id="which">
        <label>Alike <select id="tier"><option value="">as usual</option><option>same-bytes</option><option>same-pixels</option>\
        <option>near</option><option>look-alike</option></select></label>
        <label>Token for verdicts <input id="token" type="password" autocomplete="off"></label>
        <button id="look">Look</button>
        </form>
        <p><button id="earlier" disabled>Earlier</button> <span id="report" role="status"></span> <button id="later" disabled>Later</button></p>
        <div id="groups"></div>
        </section>
        </main>
        </body>
        </html>

        """

    /// The look of all pages, and after it this one's own: its sections have no lines between them, and not every image is in a figure.
    private static let style = """
        \(PageFrame.style)
        \(PictureViewer.style)
        p { margin: 1em 0; } section { border: 0; padding: 0; }
        header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; border-bottom: 1px solid var(--line); padding-bottom: 0.5rem; }
        nav { margin-left: auto; } button[aria-pressed="true"] { font-weight: bold; }
        #facts { color: var(--faint); overflow-wrap: anywhere; }
        form { display: grid; gap: 0.5rem; margin: 1rem 0; } form div { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; }
        #which { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; }
        #code { width: min(40rem, 80vw); font-family: monospace; } #k { width: 5rem; }
        #drop { display: grid; place-items: center; gap: 0.5rem; min-height: 6rem; border: 2px dashed var(--line); border-radius: 0.5rem; cursor: pointer; }
        #drop[hidden] { display: none; } #drop:focus-within, #drop.over { border-color: var(--accent); } #drop input { position: absolute; opacity: 0; width: 1px; }
        #picked { width: auto; max-height: 12rem; max-width: 100%; aspect-ratio: auto; } .link { text-decoration: underline; }
        figure img { cursor: pointer; }
        .failed { color: #b3261e; } @media (prefers-color-scheme: dark) { .failed { color: #ff8a80; } }
        [hidden] { display: none; }
        """
}
