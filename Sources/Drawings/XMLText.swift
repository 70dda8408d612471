/// Text for XML: control characters, for which it has no place, become spaces.
package func escapedForXML(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        case "\u{0}"..<" ", "\u{7f}"..."\u{9f}": escaped += " "
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}
