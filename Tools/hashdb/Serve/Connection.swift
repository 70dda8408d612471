import FlyingSocks
import Foundation
import Service

/// One client: its requests one after the other, and their answers.
struct Connection {
    private let socket: AsyncSocket
    private let watch: OpenConnection
    private let service: StoreService
    private let engine: EngineThreads
    private let idle: Duration

    init(
        _ socket: AsyncSocket, _ watch: OpenConnection, _ service: StoreService, _ engine: EngineThreads, idle: Duration
    ) {
        (self.socket, self.watch, self.service, self.engine, self.idle) = (socket, watch, service, engine, idle)
    }

    /// Serves it to its end.
    func run() async {
        service.metrics.connections.add(1, ordering: .relaxed)
        defer {
            service.metrics.connections.subtract(1, ordering: .relaxed)
            try? socket.close()
        }
        var reader = RequestReader(limits: .init(body: service.limits.bodyBytes))
        do {
            while let request = try await next(&reader) {
                let closes = try await answer(request)
                if closes { break }
            }
        } catch let error as ServiceError {
            try? await send(service.refuse(error), to: nil, closes: true)
            await drain()
        } catch is CancellationError {
            // The time is over in the middle of a request; nothing can be waited for any more.
            if !reader.isIdle, !watch.isIdle {
                let error = ServiceError(408, "the request did not come within the time; --timeout sets it")
                let response = service.refuse(error)
                if case .bytes(let bytes) = response.body {
                    _ = try? socket.socket.write(Data(response.head(for: nil, closes: true) + bytes))
                }
            }
        } catch {
            // The client has gone.
        }
    }

    /// The next request; nil if the client has no more, or the service is to stop.
    private func next(_ reader: inout RequestReader) async throws -> HTTPRequest? {
        watch.mayTake(idle, isIdle: true)
        var hasBegun = false
        while true {
            if let request = try reader.next() { return request }
            if watch.isStopping, reader.isIdle { return nil }
            if !hasBegun, !reader.isIdle {
                hasBegun = true
                watch.mayTake(service.limits.time)
            }
            if reader.takeContinue() { try await socket.write(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
            do {
                reader.append(try await socket.read(atMost: 1 << 16))
            } catch SocketError.disconnected {
                return nil
            }
        }
    }

    /// Answers a request. Returns whether the connection ends.
    private func answer(_ request: HTTPRequest) async throws -> Bool {
        watch.mayTake(nil)
        let deadline = Deadline(in: service.limits.time)
        service.metrics.requestsInFlight.add(1, ordering: .relaxed)
        let response: HTTPResponse
        if StoreService.isQuick(request) {
            response = service.answer(to: request, by: deadline)
        } else {
            do {
                response = try await engine.run(by: deadline, breaksOff: StoreService.isBrokenOff(request)) {
                    [service] in
                    service.answer(to: request, by: deadline)
                }
            } catch let error as ServiceError {
                response = service.refusal(error, of: request)
            }
        }
        service.count(response, to: request, by: deadline)
        service.metrics.requestsInFlight.subtract(1, ordering: .relaxed)
        let isEndless = if case .pieces = response.body { !response.isChunked(for: request) } else { false }
        let closes = !request.keepsAlive || watch.isStopping || isEndless
        // Who has not taken it in time gets no other answer in the middle of it.
        do { try await send(response, to: request, closes: closes) } catch is CancellationError { throw NotTaken() }
        return closes
    }

    private struct NotTaken: Error {}

    private func send(_ response: HTTPResponse, to request: HTTPRequest?, closes: Bool) async throws {
        watch.mayTake(service.limits.time)
        let head = response.head(for: request, closes: closes)
        switch response.body {
        case .bytes(let bytes): try await socket.write(Data(request?.method == "HEAD" ? head : head + bytes))
        case .pieces(let next):
            try await send(pieces: next, after: head, isChunked: response.isChunked(for: request))
        }
    }

    /// Sends a long answer, each piece of which is made when the client has taken the one before.
    private func send(pieces next: @Sendable () -> [UInt8]?, after head: [UInt8], isChunked: Bool) async throws {
        func framed(_ piece: [UInt8]) -> [UInt8] { isChunked ? HTTPResponse.chunk(piece) : piece }
        let end = Deadline(in: service.limits.streamTime)
        var pending = head
        while let piece = next() {
            if end.hasPassed {
                let error = ServiceError(503, "the answer was not taken in time (--stream-timeout)")
                pending += framed(error.line)
                break
            }
            pending += framed(piece)
            try await socket.write(Data(pending))
            pending = []
            // Each piece has the time.
            watch.mayTake(service.limits.time)
        }
        if isChunked { pending += HTTPResponse.lastChunk }
        if !pending.isEmpty { try await socket.write(Data(pending)) }
    }

    /// Reads on for a moment, as a connection that is closed on what has not been read takes the answer with it.
    private func drain() async {
        watch.mayTake(.seconds(1))
        var rest = 1 << 20
        while rest > 0, let bytes = try? await socket.read(atMost: 1 << 16) { rest -= bytes.count }
    }
}
