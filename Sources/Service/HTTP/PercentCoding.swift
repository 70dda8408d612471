import HashDB

/// Decodes the targets of requests (RFC 3986).
enum PercentCoding {
    /// The parts of a path between its slashes.
    ///
    /// - Throws: `ServiceError` for a path that does not begin with a slash, leads up, or means something else to a file system.
    static func path(_ bytes: ArraySlice<UInt8>) throws(ServiceError) -> [String] {
        guard bytes.first == UInt8(ascii: "/") else { throw ServiceError(400, "the path does not begin with a slash") }
        var parts: [String] = []
        for part in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true) {
            let text = try decode(part)
            guard text != ".", text != "..", !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x2F || $0 == 0x5C })
            else {
                throw ServiceError(400, "the path has parts that lead elsewhere")
            }
            parts.append(text)
        }
        return parts
    }

    /// Names and values.
    ///
    /// - Throws: `ServiceError`.
    static func query(_ bytes: ArraySlice<UInt8>) throws(ServiceError) -> [(name: String, value: String)] {
        var members: [(name: String, value: String)] = []
        for member in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            let halves = member.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = halves.count == 2 ? try decode(halves[1], plusIsSpace: true) : ""
            members.append((try decode(halves[0], plusIsSpace: true), value))
        }
        return members
    }

    private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) throws(ServiceError) -> String {
        var decoded: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(HexDigits.value),
                    let low = rest.popFirst().flatMap(HexDigits.value)
                else {
                    throw ServiceError(400, "the target has a % without two hexadecimal digits")
                }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: decoded.append(0x20)
            case 0x21..<0x7F: decoded.append(byte)
            default: throw ServiceError(400, "the target has characters that must be written as %HH")
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw ServiceError(400, "the target is not UTF-8")
        }
        return text
    }
}
