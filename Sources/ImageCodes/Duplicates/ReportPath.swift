import HashDB

/// Paths on one line that lead back to the file whatever its name is: backslashes, control characters, those that turn the direction of
/// writing, bytes that are not UTF-8 and spaces at the end are written as `\\` or `\xHH`.
enum ReportPath {
    static func text(_ path: ImagePath) -> String {
        var result = ""
        var rest = path.bytes[...]
        while let byte = rest.first {
            let character = (1...min(4, rest.count)).lazy
                .compactMap { String(validating: rest.prefix($0), as: UTF8.self) }.first
            guard let character, let scalar = character.unicodeScalars.first else {
                result += escaped(byte)
                rest = rest.dropFirst()
                continue
            }
            let isLast = rest.count == character.utf8.count
            switch scalar {
            case "\\": result += "\\\\"
            case _ where scalar.controlsTerminals:
                result += character.utf8.map(escaped).joined()
            case " " where isLast: result += escaped(byte)
            default: result += character
            }
            rest = rest.dropFirst(character.utf8.count)
        }
        return result
    }

    /// `nil` for what `text` never writes.
    static func path(_ text: some StringProtocol) -> ImagePath? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while rest.last == UInt8(ascii: "\r") || rest.last == UInt8(ascii: " ") { rest.removeLast() }
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"): bytes.append(byte)
            case UInt8(ascii: "x"):
                guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2
                else {
                    return nil
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: return nil
            }
        }
        return bytes.contains(0) ? nil : ImagePath(bytes: bytes)
    }

    /// The path that a report names a file by; `nil` for one that begins elsewhere or has a zero, or that leads up again, as no path in a
    /// store does.
    static func absolute(_ path: ImagePath?) -> ImagePath? {
        guard let path, path.bytes.first == ImagePath.slash, !path.bytes.contains(0) else { return nil }
        let leadsUp = path.bytes.split(separator: ImagePath.slash).contains(Array("..".utf8)[...])
        return leadsUp ? nil : path
    }

    static func refusal(_ bytes: some Sequence<UInt8>) -> String {
        "\"\(ImagePath(bytes: Array(bytes)))\" is no absolute path without .."
    }

    private static func escaped(_ byte: UInt8) -> String { "\\x" + HexDigits.text(of: [byte]) }
}
