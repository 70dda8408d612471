/// A part of a page under a title, both in HTML.
func section(_ title: String, _ body: String) -> String {
    "<section>\n<h2>\(title)</h2>\n\(body)\n</section>"
}
