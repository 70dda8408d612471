import Foundation
import Testing

/// A service that was started on a free port; it ends with its owner.
final class RunningService {
    let program: RunningProgram
    let port: UInt16
    private var isFinished = false

    init(_ space: Workspace, _ arguments: String...) throws {
        program = try space.tool.start([Tool.path, "serve", "--port", "0"] + arguments)
        let started = program
        try program.wait(until: { started.error.contains(" at http://") })
        let address = try #require(started.error.split(separator: " ").last { $0.hasPrefix("http://127.0.0.1:") })
        port = try #require(UInt16(address.split(separator: ":")[2].prefix { $0.isNumber }))
    }

    deinit {
        guard !isFinished else { return }
        // In order, so that it writes down which lines it has reached where somebody counts them.
        program.signal(SIGTERM)
        if !program.ends(within: 10) { program.signal(SIGKILL) }
        _ = try? program.finish()
    }

    /// Ends it by a signal.
    func stop(_ number: Int32 = SIGTERM) throws -> Tool.Result {
        program.signal(number)
        return try finish()
    }

    /// Waits for its end.
    func finish() throws -> Tool.Result {
        isFinished = true
        return try program.finish()
    }

    /// One request on a connection of its own.
    func ask(
        _ method: String, _ target: String, _ body: [UInt8] = [], headers: [String] = []
    ) throws -> ServiceClient.Response {
        let client = try ServiceClient(port: port)
        let head = ["\(method) \(target) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
        let length = body.isEmpty ? [] : ["Content-Length: \(body.count)"]
        client.send(Array(((head + length).joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        return try client.response(to: method)
    }

    func ask(_ method: String, _ target: String, json: Any, token: String? = nil) throws -> ServiceClient.Response {
        let body = [UInt8](try JSONSerialization.data(withJSONObject: json))
        return try ask(method, target, body, headers: token.map { ["Authorization: Bearer \($0)"] } ?? [])
    }
}

/// A connection to 127.0.0.1, on which any bytes may be sent.
final class ServiceClient {
    struct Response {
        let status: Int
        let head: String
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var object: [String: Any] {
            get throws {
                try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any], "\(text)")
            }
        }
        var error: String { (try? object["error"] as? String) ?? "" }
    }

    struct Closed: Error {}

    private let descriptor: Int32
    private var received: [UInt8] = []

    /// - Parameter seconds: how long an answer is waited for.
    init(port: UInt16, seconds: Int = 60) throws {
        #if canImport(Darwin)
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        signal(SIGPIPE, SIG_IGN)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
    }

    deinit { close(descriptor) }

    /// Sends as much as is taken.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// The next response.
    func response(to method: String = "GET") throws -> Response {
        let head = try String(decoding: take(through: "\r\n\r\n"), as: UTF8.self)
        let status = try #require(Int(head.split(separator: " ")[1]))
        func value(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }?
                .split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
        }
        var body: [UInt8] = []
        if value("transfer-encoding") == "chunked" {
            while true {
                let size = try #require(
                    Int(String(decoding: take(through: "\r\n").dropLast(2), as: UTF8.self), radix: 16))
                body += try take(size + 2).dropLast(2)
                if size == 0 { break }
            }
        } else if let length = value("content-length"), method != "HEAD" {
            body = try take(try #require(Int(length)))
        } else if method != "HEAD" {
            while (try? receive()) != nil {}
            body = received
        }
        return Response(status: status, head: head, body: body)
    }

    /// Whether the other side has closed the connection, which is waited for.
    func isClosed() -> Bool {
        do {
            try receive()
            return false
        } catch { return error is Closed }
    }

    private func receive() throws {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(descriptor, &bytes, bytes.count)
        if count == 0 || count < 0 && errno == ECONNRESET { throw Closed() }
        guard count > 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
        received += bytes[..<count]
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while received.count < count { try receive() }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private func take(through mark: String) throws -> [UInt8] {
        let mark = Array(mark.utf8)
        var from = 0
        while true {
            if received.count >= mark.count {
                for at in from...(received.count - mark.count) where received[at..<at + mark.count].elementsEqual(mark)
                {
                    return try take(at + mark.count)
                }
                from = received.count - mark.count + 1
            }
            try receive()
        }
    }
}
