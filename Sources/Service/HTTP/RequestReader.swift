import HashDB

/// Reads requests from the bytes of a connection, as they come (RFC 9112).
///
///     reader.append(bytes)
///     while let request = try reader.next() { … }        // nil: more bytes are needed
///
/// It is strict, as whatever two programs read differently can be made use of: lines end with CR LF, names are followed by the colon, a
/// length is said once and in digits, and no part of a path leads up. Neither the head nor the body can become larger than the
/// limits; the first bytes too many are an error, before they are kept.
package struct RequestReader: Sendable {
    /// How much is read of one request.
    package struct Limits: Sendable {
        /// The most bytes of a request's head, and of what stands between the chunks of its body beyond a 64th of these.
        package var head = 16 << 10
        /// The most bytes of a request's body.
        package var body: Int

        /// Limits with the usual one for heads.
        package init(body: Int) { self.body = body }
    }

    private enum State {
        case head
        case body(HTTPRequest, length: Int)
        case chunkSize(HTTPRequest)
        case chunk(HTTPRequest, length: Int)
        case trailer(HTTPRequest)
    }

    private let limits: Limits
    private var state = State.head
    /// What has come of the body in chunks.
    private var chunks: [UInt8] = []
    private var bytes: [UInt8] = []
    /// Where what has not been taken begins.
    private var start = 0
    /// From where on the end of the head was not yet looked for.
    private var searched = 0
    /// Bytes of chunk sizes and trailers of the request that is being read.
    private var overhead = 0
    private var expectsContinue = false

    /// A reader of a new connection.
    package init(limits: Limits) {
        self.limits = limits
    }

    /// Takes bytes that have come.
    package mutating func append(_ more: some Collection<UInt8>) {
        if start > 1 << 16 || start == bytes.count {
            bytes.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Whether nothing has come of a next request.
    package var isIdle: Bool {
        if case .head = state { start == bytes.count } else { false }
    }

    /// Whether the client waits to be told to go on with the body; once for a request.
    package mutating func takeContinue() -> Bool {
        guard expectsContinue else { return false }
        expectsContinue = false
        if case .head = state { return false }
        return start == bytes.count
    }

    /// The next request; nil if more bytes are needed for it.
    ///
    /// - Throws: `ServiceError`; nothing more can be read from the connection then.
    package mutating func next() throws(ServiceError) -> HTTPRequest? {
        while true {
            switch state {
            case .head:
                guard let head = try takeHead() else { return nil }
                var parser = HeadParser(head)
                let (request, framing) = try parser.parse()
                overhead = 0
                expectsContinue = request.header("expect")?.lowercased() == "100-continue"
                switch framing {
                case .length(let length):
                    guard length <= limits.body else { throw tooLarge }
                    state = .body(request, length: length)
                case .chunks: state = .chunkSize(request)
                }
            case .body(var request, let length):
                guard bytes.count - start >= length else { return nil }
                request.body = Array(bytes[start..<start + length])
                start += length
                return finish(request)
            case .chunkSize(let request):
                guard let line = try takeLine() else { return nil }
                let digits = line.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
                guard (1...15).contains(digits.count), digits.allSatisfy({ HexDigits.value($0) != nil }),
                    let length = Int(String(decoding: digits, as: UTF8.self), radix: 16)
                else { throw ServiceError(400, "the size of a chunk is not a hexadecimal number") }
                guard length <= limits.body - chunks.count else { throw tooLarge }
                state = length == 0 ? .trailer(request) : .chunk(request, length: length)
            case .chunk(let request, let length):
                guard bytes.count - start >= length + 2 else { return nil }
                guard bytes[start + length] == 0x0D, bytes[start + length + 1] == 0x0A else {
                    throw ServiceError(400, "a chunk is not as long as it says")
                }
                chunks += bytes[start..<start + length]
                start += length + 2
                state = .chunkSize(request)
            case .trailer(var request):
                guard let line = try takeLine() else { return nil }
                guard line.isEmpty else { continue }
                request.body = chunks
                chunks = []
                return finish(request)
            }
        }
    }

    private mutating func finish(_ request: HTTPRequest) -> HTTPRequest {
        state = .head
        searched = start
        expectsContinue = false
        return request
    }

    private var tooLarge: ServiceError {
        ServiceError(413, "the body has more than \(limits.body) bytes; --max-body-bytes sets the limit")
    }

    /// The lines up to the empty one, without it.
    private mutating func takeHead() throws(ServiceError) -> ArraySlice<UInt8>? {
        // Empty lines before a request are to be left out.
        while start + 1 < bytes.count, bytes[start] == 0x0D, bytes[start + 1] == 0x0A { start += 2 }
        var at = max(start, searched)
        while at + 3 < bytes.count {
            if bytes[at] == 0x0D, bytes[at + 1] == 0x0A, bytes[at + 2] == 0x0D, bytes[at + 3] == 0x0A {
                guard at + 4 - start <= limits.head else { break }
                defer { start = at + 4 }
                return bytes[start..<at + 2]
            }
            at += 1
        }
        searched = at
        guard bytes.count - start <= limits.head else {
            throw ServiceError(431, "the head of the request has more than \(limits.head) bytes")
        }
        return nil
    }

    /// A line between chunks, without its end.
    private mutating func takeLine() throws(ServiceError) -> ArraySlice<UInt8>? {
        let end = bytes[start...].firstIndex(of: 0x0A)
        let most = limits.head + chunks.count / 64
        guard overhead + (end ?? bytes.count) - start <= most else {
            throw ServiceError(431, "what stands between the chunks has more than \(most) bytes")
        }
        guard let end else { return nil }
        guard end > start, bytes[end - 1] == 0x0D else { throw ServiceError(400, "a line does not end with CR LF") }
        overhead += end + 1 - start
        defer { start = end + 1 }
        return bytes[start..<end - 1]
    }
}
