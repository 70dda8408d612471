import Foundation
import Testing

/// Clients of `serve` that ask for more than they take.
@Suite struct SlowReaderTests {
    let space: Workspace
    /// A request for everything, ten times.
    let request: String

    init() throws {
        space = try Workspace()
        let codes = try space.writeCodes("c.npy", count: 100_000, bits: 64)
        #expect(try space.tool.run("import", "s.hashdb", "c.npy").status == 0)
        let list = codes.prefix(10).map { "\"\($0.hex)\"" }.joined(separator: ", ")
        let body = "{\"codes\": [\(list)], \"radius\": 64, \"stream\": true}"
        request =
            "POST /v1/within HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    @Test func whoTakesNothingIsLetGo() throws {
        let service = try RunningService(space, "s.hashdb", "--timeout", "2")
        let clients = try (0..<8).map { _ in try ServiceClient(port: service.port) }
        for client in clients { client.send(request) }
        // Each answer has begun; the rest of it is not taken.
        for client in clients { #expect(!client.isClosed()) }
        var isAlone = false
        for _ in 0..<400 where !isAlone {
            isAlone = try service.ask("GET", "/metrics").text.contains("hashdb_connections 1\n")
            usleep(50_000)
        }
        #expect(isAlone)
        withExtendedLifetime(clients) {}
    }

    @Test func anAnswerThatIsTakenTooSlowlyEndsWithALine() throws {
        let service = try RunningService(space, "s.hashdb", "--stream-timeout", "0.1")
        let client = try ServiceClient(port: service.port)
        client.send(request)
        // More than the system keeps for the client.
        usleep(300_000)
        let answer = try client.response()
        let end = String(decoding: answer.body.suffix(200), as: UTF8.self)
        #expect(answer.status == 200 && end.contains("{\"error\": ") && end.contains("--stream-timeout"), "\(end)")
        #expect(try service.ask("GET", "/v1/stats").status == 200)
    }
}
