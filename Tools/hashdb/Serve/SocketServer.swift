import FlyingSocks
import Foundation
import Service
import Synchronization

/// Carries requests from sockets to a service and its answers back.
///
/// FlyingSocks waits for sockets; reading requests, limits and deadlines are ours. A connection is a task that reads a request, lets a
/// thread of the engine's answer it, and writes the answer. A watch looks, some times a second, for connections whose time is over.
final class SocketServer: Sendable {
    struct Options: Sendable {
        /// Requests that are worked on at once.
        var threads: Int
        /// Connections at a time.
        var connections: Int
        /// How long a connection may be open without a request.
        var idle = Duration.seconds(60)
    }

    private let service: StoreService
    private let options: Options
    private let engine: EngineThreads
    private let listening = Mutex<(socket: Socket, address: String)?>(nil)
    private let connections = ConnectionWatch()

    init(service: StoreService, options: Options) {
        self.service = service
        self.options = options
        engine = EngineThreads(count: options.threads, waiting: max(64, 2 * options.connections))
    }

    /// Where it listens.
    var address: String { listening.withLock { $0?.address ?? "" } }

    /// Opens the port.
    ///
    /// - Throws: `ToolError`.
    func listen(on host: String, port: UInt16) throws {
        let name = host == "localhost" ? "127.0.0.1" : host
        let shown = name.contains(":") ? "[\(name)]" : name
        do {
            let socket: Socket
            if name.contains(":") {
                guard let address = try? sockaddr_in6.inet6(ip6: name, port: port) else { throw notAnAddress(host) }
                socket = try Self.bind(address, AF_INET6)
            } else {
                guard let address = try? sockaddr_in.inet(ip4: name, port: port) else { throw notAnAddress(host) }
                socket = try Self.bind(address, AF_INET)
            }
            var number = port
            switch try socket.sockname() {
            case .ip4(_, let port), .ip6(_, let port): number = port
            case .unix: break
            }
            listening.withLock { $0 = (socket, "http://\(shown):\(number)/") }
        } catch SocketError.failed(_, let code, let message) {
            let way =
                switch code {
                case EADDRINUSE: "another program listens there; choose another --port, or 0 for a free one"
                case EACCES: "this user may not listen there; choose a --port above 1023"
                case EADDRNOTAVAIL: "this machine does not have the address; choose another --host"
                default: message
                }
            throw ToolError("\(shown):\(port): \(way)")
        }
    }

    private func notAnAddress(_ host: String) -> ToolError {
        ToolError("--host \(host): give an address of this machine, such as 127.0.0.1 or 0.0.0.0")
    }

    private static func bind(_ address: some SocketAddress, _ domain: Int32) throws -> Socket {
        let socket = try Socket(domain: domain)
        do {
            try socket.setValue(true, for: .localAddressReuse)
            try socket.bind(to: address)
            try socket.listen()
            return socket
        } catch {
            try? socket.close()
            throw error
        }
    }

    /// Serves until it is stopped; blocks the calling thread.
    ///
    /// - Throws: `ToolError` if the system gives no events.
    func run() throws {
        let ended = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        Task {
            do { try await serve() } catch { failure.withLock { $0 = error } }
            ended.signal()
        }
        ended.wait()
        if let error = failure.withLock({ $0 }) { throw ToolError("the service has failed: \(error)") }
    }

    /// Asks for the end: no connection is taken any more, and each ends after the request under way.
    func stop() {
        connections.stop()
    }

    private func serve() async throws {
        guard let (socket, _) = listening.withLock({ $0 }) else { return }
        let pool = SocketPool.make(maxEvents: 64)
        try await pool.prepare()
        let listener = try AsyncSocket(socket: socket, pool: pool)
        let events = Task { try await pool.run() }
        let accepting = Task { await self.accept(from: listener) }
        while !connections.isStopping {
            connections.cancelLate()
            try? await Task.sleep(for: .milliseconds(20))
        }
        accepting.cancel()
        await accepting.value
        try? socket.close()
        let deadline = Deadline(in: service.limits.time)
        connections.cancelIdle()
        while !connections.isEmpty, !deadline.hasPassed {
            connections.cancelLate()
            try? await Task.sleep(for: .milliseconds(20))
        }
        connections.cancelAll()
        events.cancel()
        _ = try? await events.value
    }

    private func accept(from listener: AsyncSocket) async {
        while !Task.isCancelled {
            do {
                let socket = try await listener.accept()
                guard connections.count < options.connections else {
                    refuse(socket)
                    continue
                }
                connections.start { connection in
                    await Connection(socket, connection, self.service, self.engine, idle: self.options.idle).run()
                }
            } catch is CancellationError {
                return
            } catch {
                // Too many open files, or a client that has gone already: others may do better.
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func refuse(_ socket: AsyncSocket) {
        let response = service.refuse(ServiceError(503, "there are too many connections; try again"))
        if case .bytes(let bytes) = response.body {
            _ = try? socket.socket.write(Data(response.head(for: nil, closes: true) + bytes))
        }
        try? socket.close()
    }
}
