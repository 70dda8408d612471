/// A body of `multipart/form-data` (RFC 7578), as forms of pages and `curl -F` send files.
struct MultipartForm {
    /// A field of the form.
    struct Part {
        var name: String
        /// Whether it came with a file's name.
        var isFile: Bool
        var bytes: ArraySlice<UInt8>
    }

    let parts: [Part]

    /// - Throws: `ServiceError` if the body is no such form, or has more than 16 fields.
    init(_ request: HTTPRequest) throws(ServiceError) {
        guard let boundary = Self.boundary(in: request.header("content-type") ?? "") else {
            throw ServiceError(400, "Missing multipart/form-data file upload")
        }
        // The first delimiter has no line before it that it could end.
        let delimiter = Array("\r\n--\(boundary)".utf8)
        let opening = delimiter.dropFirst(2)
        guard request.body.starts(with: opening) else { throw Self.malformed }
        var parts: [Part] = []
        var rest = request.body.dropFirst(opening.count)
        while !rest.starts(with: "--".utf8) {
            guard rest.starts(with: "\r\n".utf8), let end = rest.firstIndex(of: delimiter) else { throw Self.malformed }
            guard parts.count < 16 else { throw ServiceError(413, "more than 16 fields in the form") }
            parts.append(try Self.part(rest[..<end].dropFirst(2)))
            rest = rest[end...].dropFirst(delimiter.count)
        }
        self.parts = parts
    }

    private static let malformed = ServiceError(400, "the body is no multipart/form-data as its head describes it")

    /// Of 1 to 70 characters (RFC 2046, section 5.1.1).
    private static func boundary(in type: String) -> String? {
        let (value, parameters) = values(type)
        guard value == "multipart/form-data", let boundary = parameters["boundary"] else { return nil }
        return (1...70).contains(boundary.utf8.count) ? boundary : nil
    }

    private static func part(_ bytes: ArraySlice<UInt8>) throws(ServiceError) -> Part {
        guard let end = bytes.prefix(4096).firstIndex(of: Array("\r\n\r\n".utf8)) else { throw malformed }
        for line in String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2, halves[0].lowercased() == "content-disposition" else { continue }
            let (value, parameters) = values(String(halves[1]))
            guard value == "form-data", let name = parameters["name"] else { break }
            return Part(name: name, isFile: parameters["filename"] != nil, bytes: bytes[end...].dropFirst(4))
        }
        throw malformed
    }

    /// `value; name=value; name="value"`, its first value and its names in small letters. Of a name that is given twice the first counts.
    private static func values(_ header: String) -> (String, [String: String]) {
        var isQuoted = false
        let pieces = header.split(omittingEmptySubsequences: false) { character in
            if character == "\"" { isQuoted.toggle() }
            return character == ";" && !isQuoted
        }
        func trimmed(_ text: Substring) -> String {
            var text = text
            while text.first?.isWhitespace == true { text.removeFirst() }
            while text.last?.isWhitespace == true { text.removeLast() }
            return String(text)
        }
        var parameters: [String: String] = [:]
        for piece in pieces.dropFirst() {
            let halves = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { continue }
            var value = trimmed(halves[1])[...]
            if value.count > 1, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            let name = trimmed(halves[0]).lowercased()
            parameters[name] = parameters[name] ?? String(value)
        }
        return (trimmed(pieces[0]).lowercased(), parameters)
    }
}

extension ArraySlice<UInt8> {
    /// Where some bytes begin for the first time.
    fileprivate func firstIndex(of bytes: [UInt8]) -> Int? {
        guard let first = bytes.first else { return startIndex }
        var rest = self
        while let index = rest.firstIndex(of: first) {
            if self[index...].starts(with: bytes) { return index }
            rest = self[index...].dropFirst()
        }
        return nil
    }
}
