/// A request as it came over the wire, its body whole and its path and query decoded.
package struct HTTPRequest: Sendable {
    /// `GET`, `POST` and so on, as it was written.
    package var method: String
    /// The decoded parts of the path; none for `/`. None of them is `.` or `..`, or has a slash or a zero in it.
    package var path: [String]
    /// Names and values of the query, decoded, in their order.
    package var query: [(name: String, value: String)] = []
    /// Names in small letters, and values without spaces around them.
    package var headers: [(name: String, value: String)] = []
    /// The bytes after the head.
    package var body: [UInt8] = []
    /// Whether the client speaks HTTP/1.0, which knows no pieces of unknown number.
    package var isOld = false

    /// A request of these parts.
    package init(_ method: String, _ path: [String]) {
        self.method = method
        self.path = path
    }

    /// The first header of a name, which is given in small letters.
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The first value of a name in the query.
    package func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// Whether the client wants to send more requests on the same connection.
    package var keepsAlive: Bool {
        let choices = (header("connection") ?? "").lowercased().split(separator: ",")
            .map { String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
        return isOld ? choices.contains("keep-alive") : !choices.contains("close")
    }
}
