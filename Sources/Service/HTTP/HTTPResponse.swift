/// What is answered to a request.
package struct HTTPResponse: Sendable {
    /// What follows the head.
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Pieces of a long answer, made one after the other as the client takes them; nil after the last.
        case pieces(@Sendable () -> [UInt8]?)
    }

    /// The status code.
    package var status: Int
    /// Names and values, without the length and what concerns the connection.
    package var headers: [(name: String, value: String)]
    /// What follows the head.
    package var body: Body

    /// An answer of bytes.
    package init(_ status: Int, type: String, _ bytes: [UInt8]) {
        self.status = status
        headers = [("Content-Type", type), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")]
        body = .bytes(bytes)
    }

    /// An answer in pieces.
    package init(_ status: Int, type: String, pieces: @escaping @Sendable () -> [UInt8]?) {
        self.init(status, type: type, [])
        body = .pieces(pieces)
    }

    /// The head on the wire, and how the body is to follow it.
    ///
    /// - Parameters:
    ///   - request: what is answered; nil where it could not be read.
    ///   - closes: whether the connection ends after it.
    package func head(for request: HTTPRequest?, closes: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Status")\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        switch body {
        case .bytes(let bytes): text += "Content-Length: \(bytes.count)\r\n"
        case .pieces: if isChunked(for: request) { text += "Transfer-Encoding: chunked\r\n" }
        }
        if closes { text += "Connection: close\r\n" }
        // A client of HTTP/1.0 has to be told what the others take for granted.
        if !closes, request?.isOld == true { text += "Connection: keep-alive\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// Whether pieces go out as chunks; otherwise the end of the connection is that of the body.
    package func isChunked(for request: HTTPRequest?) -> Bool {
        if case .pieces = body { request?.isOld != true } else { false }
    }

    /// A piece as a chunk.
    package static func chunk(_ piece: [UInt8]) -> [UInt8] {
        Array((String(piece.count, radix: 16) + "\r\n").utf8) + piece + [0x0D, 0x0A]
    }

    /// What follows the last chunk.
    package static let lastChunk = Array("0\r\n\r\n".utf8)

    private static let reasons = [
        200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 413: "Content Too Large",
        421: "Misdirected Request", 422: "Unprocessable Content", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
        505: "HTTP Version Not Supported", 507: "Insufficient Storage",
    ]
}
