import HashNets

/// The beginning of a page for a web browser, up to the start of its body.
///
/// - Parameters:
///   - images: where images may come from, as a content security policy has it; by default from the page itself alone.
///   - scripts: which scripts may run; by default none.
package func pageHead(title: String, style: String, images: String = "data:", scripts: String? = nil) -> String {
    let policy =
        "default-src 'none'; img-src \(images); style-src 'unsafe-inline'"
        + (scripts.map { "; script-src \($0)" } ?? "")
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <title>\(escapedForXML(title))</title>
        <style>
        \(style)
        </style>
        </head>
        <body>

        """
}
