/// Parses the head of a request: its first line and its headers.
struct HeadParser {
    /// How the body is to be read.
    enum Framing {
        case length(Int)
        case chunks
    }

    /// Headers that nobody needs more of.
    private static let mostHeaders = 100

    private var lines: ArraySlice<ArraySlice<UInt8>>

    /// - Parameter head: lines that end with CR LF each.
    init(_ head: ArraySlice<UInt8>) {
        lines = head.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
    }

    mutating func parse() throws(ServiceError) -> (HTTPRequest, Framing) {
        guard let first = try line() else { throw ServiceError(400, "there is no request") }
        var request = try Self.request(first)
        while let line = try line() {
            guard request.headers.count < Self.mostHeaders else {
                throw ServiceError(431, "the request has more than \(Self.mostHeaders) headers")
            }
            request.headers.append(try Self.header(line))
        }
        let hosts = request.headers.count { $0.name == "host" }
        guard hosts == 1 || hosts == 0 && request.isOld else {
            throw ServiceError(400, "the request has \(hosts) headers named Host instead of one")
        }
        return (request, try Self.framing(of: request))
    }

    private mutating func line() throws(ServiceError) -> ArraySlice<UInt8>? {
        guard let line = lines.popFirst() else { return nil }
        guard line.last == 0x0D else { throw ServiceError(400, "a line does not end with CR LF") }
        return line.dropLast()
    }

    // MARK: The first line

    private static func request(_ line: ArraySlice<UInt8>) throws(ServiceError) -> HTTPRequest {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].count <= 20, parts[0].allSatisfy(isToken) else {
            throw ServiceError(400, "the first line is not a method, a target and a version with a space between them")
        }
        let isOld: Bool
        switch String(decoding: parts[2], as: UTF8.self) {
        case "HTTP/1.1": isOld = false
        case "HTTP/1.0": isOld = true
        default: throw ServiceError(505, "the version is not HTTP/1.1 or HTTP/1.0")
        }
        let halves = parts[1].split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var request = HTTPRequest(String(decoding: parts[0], as: UTF8.self), try PercentCoding.path(halves[0]))
        if halves.count == 2 { request.query = try PercentCoding.query(halves[1]) }
        request.isOld = isOld
        return request
    }

    // MARK: Headers

    private static func header(_ line: ArraySlice<UInt8>) throws(ServiceError) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(isToken)
        else { throw ServiceError(400, "a header is not a name, a colon and a value") }
        var value = line[(colon + 1)...]
        while let byte = value.first, byte == 0x20 || byte == 0x09 { value.removeFirst() }
        while let byte = value.last, byte == 0x20 || byte == 0x09 { value.removeLast() }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw ServiceError(400, "a header has control characters in it")
        }
        return (
            String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self)
        )
    }

    private static func framing(of request: HTTPRequest) throws(ServiceError) -> Framing {
        let lengths = request.headers.filter { $0.name == "content-length" }.map(\.value)
        let codings = request.headers.filter { $0.name == "transfer-encoding" }.map { $0.value.lowercased() }
        if !codings.isEmpty {
            guard lengths.isEmpty, !request.isOld else {
                throw ServiceError(400, "the length of the body is said in two ways")
            }
            guard codings == ["chunked"] else { throw ServiceError(501, "the only transfer encoding is chunked") }
            return .chunks
        }
        guard let text = lengths.first else { return .length(0) }
        guard lengths.count == 1, (1...15).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let length = Int(text)
        else { throw ServiceError(400, "Content-Length is not one number") }
        return .length(length)
    }

    /// Whether names may have the byte in them.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
