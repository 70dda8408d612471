import HashDB

/// Text for a person to read on a terminal, always on one line: what is not UTF-8, and what a terminal would take for more than letters (control
/// characters, line ends, and characters that turn the direction of writing), is written as `\n`, `\t` or, byte by byte, `\xHH`.
package func shownOnOneLine(_ bytes: some Collection<UInt8>) -> String {
    var shown = ""
    var rest = Array(bytes)[...]
    while let byte = rest.first {
        let length = characterLength(startingWith: byte)
        if length > 1, rest.count >= length, let text = String(validating: rest.prefix(length), as: UTF8.self),
            let scalar = text.unicodeScalars.first, !scalar.controlsTerminals
        {
            shown += text
            rest = rest.dropFirst(length)
            continue
        }
        shown += oneByte(byte)
        rest = rest.dropFirst()
    }
    return shown
}

private func characterLength(startingWith byte: UInt8) -> Int {
    switch byte {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
}

private func oneByte(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\n"): "\\n"
    case UInt8(ascii: "\t"): "\\t"
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    default: "\\x" + HexDigits.text(of: [byte]).uppercased()
    }
}

extension Unicode.Scalar {
    /// Whether it is no letter to a terminal: a control character, a line end, or one that turns the direction of writing.
    var controlsTerminals: Bool {
        switch self {
        case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}"..."\u{202e}", "\u{2066}"..."\u{2069}": true
        default: false
        }
    }
}
