import Foundation
import HashDB
import TestSupport
import Testing

/// `serve`, over real sockets.
@Suite struct ServeTests {
    let space: Workspace
    let codes: [BinaryCode]
    static let token = "0123456789-secret"

    init() throws {
        space = try Workspace()
        codes = try space.writeCodes("c.npy", count: 2000, bits: 64)
        #expect(try space.tool.run("import", "s.hashdb", "c.npy").status == 0)
        try space.write(Array((Self.token + "\n").utf8), to: "token")
    }

    private func matches(_ object: Any?) throws -> [Match] {
        try #require(object as? [[String: Any]]).map {
            Match(id: try #require($0["id"] as? NSNumber).uint64Value, distance: try #require($0["distance"] as? Int))
        }
    }

    @Test func answersAreThoseOfAPlainScan() throws {
        let service = try RunningService(space, "s.hashdb")
        let queries = try space.writeCodes("q.npy", count: 12, bits: 64, seed: 2)
        for query in queries {
            let answer = try service.ask("POST", "/v1/nearest", json: ["code": query.hex, "k": 7])
            #expect(answer.status == 200)
            #expect(try matches(answer.object["neighbors"]) == nearest(to: query, count: 7, among: codes))
        }
        let stream = try service.ask(
            "POST", "/v1/within", json: ["code": queries[0].hex, "radius": 64, "stream": true])
        let lines = stream.text.split(separator: "\n")
        #expect(lines.count == 2002 && lines.last == "{\"end\": true}")
        #expect(stream.head.contains("Transfer-Encoding: chunked"))
        #expect(try service.ask("GET", "/v1/stats").object["items"] as? Int == 2000)
        #expect(try service.ask("HEAD", "/v1/stats").status == 200)
        #expect(try service.ask("GET", "/metrics").text.contains("endpoint=\"nearest\",status=\"200\"} 12\n"))
        #expect(try service.stop().status == 0)
    }

    @Test func aConnectionServesManyRequestsAlsoAhead() throws {
        let service = try RunningService(space, "s.hashdb")
        let client = try ServiceClient(port: service.port)
        let body = "{\"id\": 5, \"k\": 1}"
        let request =
            "POST /v1/nearest HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
        client.send(request + request + "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in 0..<2 { #expect(try matches(client.response().object["neighbors"]).map(\.id) == [5]) }
        #expect(try client.response().object["status"] as? String == "ok")
        // In pieces, told to go on with the body.
        let head = request.replacingOccurrences(of: "Host", with: "Expect: 100-continue\r\nHost").dropLast(body.count)
        for byte in head.utf8 { client.send([byte]) }
        #expect(try client.response(to: "HEAD").status == 100)
        client.send(body)
        #expect(try client.response().status == 200)
        // An old client gets an end instead of chunks.
        let old = "{\"id\": 5, \"radius\": 64, \"stream\": true}"
        client.send("POST /v1/within HTTP/1.0\r\nContent-Length: \(old.utf8.count)\r\n\r\n" + old)
        let answer = try client.response()
        #expect(answer.text.split(separator: "\n").count == 2002 && !answer.head.contains("chunked"))
        #expect(client.isClosed())
    }

    @Test func whatOthersCommitIsFoundAtOnce() throws {
        let service = try RunningService(space, "s.hashdb", "--token-file", "token")
        try space.write(Array("00000000000000ff,mine\n".utf8), to: "new.csv")
        let question: [String: Any] = ["code": "00000000000000ff", "radius": 0]
        #expect(try matches(service.ask("POST", "/v1/within", json: question).object["neighbors"]).isEmpty)
        #expect(try space.tool.run("import", "s.hashdb", "new.csv").status == 0)
        #expect(try matches(service.ask("POST", "/v1/within", json: question).object["neighbors"]).map(\.id) == [2000])
        let gone = try service.ask("POST", "/v1/delete", json: ["ids": [2000]], token: Self.token)
        #expect(gone.status == 200)
        #expect(try space.tool.run("dump", "s.hashdb").lines.count == 2000)
        #expect(try service.ask("POST", "/v1/delete", json: ["ids": [1]], token: "wrong").status == 401)
        #expect(try service.ask("POST", "/v1/delete", json: ["ids": [1]]).status == 401)
        #expect(try space.tool.run("dump", "s.hashdb").lines.count == 2000)
    }

    /// The example of the article on serving: parts of the codes in two services are as one store.
    @Test func servicesOfPartsAreAskedTogether() throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Tools/examples/fan-out/nearest.py").path
        func ids(from first: UInt64) -> [UInt64] { (0..<2000 as Range<UInt64>).map { $0 + first } }
        // The same codes twice: every distance ties across the parts.
        for (part, first) in [("a", 5000), ("b", 0)] as [(String, UInt64)] {
            try space.writeIDs("\(part).npy", ids(from: first))
            #expect(
                try space.tool.run("import", "\(part).hashdb", "c.npy", "--ids", "\(part).npy").status == 0)
        }
        let (a, b) = (try RunningService(space, "a.hashdb"), try RunningService(space, "b.hashdb"))
        let addresses = [a, b].map { "http://127.0.0.1:\($0.port)" }
        let query = try space.writeCodes("q.npy", count: 1, bits: 64, seed: 2)[0]
        func ask(_ code: String) throws -> Tool.Result {
            try space.tool.start(["/usr/bin/env", "python3", script, code, "9"] + addresses).finish()
        }
        let expected = nearest(to: query, count: 9, among: codes)
            .flatMap { [$0, Match(id: $0.id + 5000, distance: $0.distance)] }.sorted().prefix(9)
        let answer = try ask(query.hex)
        #expect(answer.status == 0 && answer.lines == expected.map { "\($0.distance) \($0.id)" }, "\(answer)")
        let wrong = try ask("00ff")
        #expect(wrong.status == 1 && wrong.errorLines.count == 1 && wrong.error.contains("64 bits"), "\(wrong)")
        #expect(try b.stop().status == 0)
        let partial = try ask(query.hex)
        #expect(partial.status == 1 && partial.output.isEmpty && partial.errorLines.count == 1, "\(partial)")
    }

    @Test func severalStoresAndCollectionsGoByTheirNames() throws {
        try space.writePictures("photos", count: 3)
        let models = ["--model", "pdq", "--model", "dhash"]
        #expect(try space.tool.start([Tool.path, "ingest", "p.hashdb", "photos"] + models).finish().status == 0)
        let service = try RunningService(space, "s.hashdb", "pictures=p.hashdb")
        let stores = try #require(try service.ask("GET", "/v1/stores").object["stores"] as? [[String: Any]])
        #expect(stores.map { $0["store"] as? String } == ["s", "pictures", "pictures.dhash"])
        #expect(try service.ask("GET", "/v1/stores/pictures.dhash/stats").object["bits"] as? Int == 64)
        let twice = try space.tool.run("serve", "s.hashdb", "s=p.hashdb", "--port", "0")
        #expect(twice.status == 64 && twice.error.contains("two stores are called s"))
    }

    @Test func signalsEndItAfterTheRequestsUnderWay() throws {
        for (number, status) in [(SIGTERM, Int32(0)), (SIGINT, 130)] {
            let service = try RunningService(space, "s.hashdb")
            let idle = try ServiceClient(port: service.port)
            let busy = try ServiceClient(port: service.port)
            busy.send("POST /v1/nearest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            usleep(200_000)
            service.program.signal(number)
            let program = service.program
            try program.wait(until: { program.error.contains("stopping") })
            #expect(idle.isClosed())
            busy.send("{\"id\": 5}")
            let answer = try busy.response()
            #expect(answer.status == 200 && answer.head.contains("Connection: close"))
            #expect(throws: POSIXError.self) { try ServiceClient(port: service.port) }
            #expect(try service.finish().status == status)
        }
    }

    @Test func aPortInUseIsAnErrorThatSaysSo() throws {
        let service = try RunningService(space, "s.hashdb")
        let second = try space.tool.run("serve", "s.hashdb", "--port", "\(service.port)")
        #expect(second.status == 1 && second.errorLines.count == 1)
        #expect(second.error.contains("127.0.0.1:\(service.port): another program listens there"))
        for (arguments, text) in [
            (["none.hashdb"], "no such store"), (["s.hashdb", "--host", "example.org"], "--host example.org"),
            (["s.hashdb", "--token-file", "none"], "none"), (["s.hashdb", "--token-file", "short"], "at least 16"),
        ] {
            try space.write(Array("short\n".utf8), to: "short")
            let result = try space.tool.start([Tool.path, "serve", "--port", "0"] + arguments).finish()
            #expect(
                result.status == 1 && result.errorLines.count == 1 && result.error.contains(text), "\(result.error)")
        }
    }

    /// Requests with bytes changed, left out and doubled, sent in pieces, ended or given up in the middle.
    @Test func requestsOfAnyBytesLeaveItServing() throws {
        let service = try RunningService(space, "s.hashdb", "--timeout", "1", "--token-file", "token")
        let code = codes[1].hex
        let requests = [
            "GET /v1/items/3 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST /v1/nearest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 36\r\n\r\n{\"code\": \"\(code)\", \"k\": 3}",
            "POST /v1/delete HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"ids\":\r\n4\r\n [9]\r\n1\r\n}\r\n0\r\n\r\n",
            "POST /m/lookup HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 70\r\n\r\n"
                + "--B\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\n123456\r\n--B--\r\n",
        ]
        var generator = SplitMix64(seed: 4)
        for round in 0..<600 {
            var bytes = Array((requests.randomElement(using: &generator) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] = .random(in: 0...255, using: &generator)
                case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2: bytes.removeSubrange(at..<min(bytes.count - 1, at + 5))
                default: bytes += bytes[at...].prefix(40)
                }
            }
            let client = try ServiceClient(port: service.port, seconds: 3)
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            client.send(Array(bytes[..<cut]))
            client.send(Array(bytes[cut...]))
            guard round % 20 == 0 else { continue }
            // Whatever it is, there is an answer, if only that no more has come within the time.
            let status = try client.response().status
            #expect((200..<600).contains(status) && status != 500, "\(String(decoding: bytes, as: UTF8.self))")
        }
        let answer = try service.ask("POST", "/v1/nearest", json: ["code": code, "k": 7])
        #expect(try matches(answer.object["neighbors"]) == nearest(to: codes[1], count: 7, among: codes))
        let end = try service.stop()
        // That others may read the token, where it serves, and that it stops; nothing went wrong within.
        #expect(end.status == 0 && end.errorLines.count == 3, "\(end.error)")
    }

    @Test func noClientTakesMoreThanItsShare() throws {
        let service = try RunningService(
            space, "s.hashdb", "--timeout", "2", "--max-body-bytes", "1000", "--max-connections", "6")
        // Too large, said before or found out on the way.
        let big = [UInt8](repeating: 0x20, count: 5000)
        #expect(try service.ask("POST", "/v1/nearest", big).status == 413)
        let chunked = try ServiceClient(port: service.port)
        chunked.send("POST /v1/nearest HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<20 { chunked.send("64\r\n" + String(repeating: " ", count: 100) + "\r\n") }
        #expect(try chunked.response().status == 413)
        #expect(try service.ask("GET", "/" + String(repeating: "a", count: 20_000)).status == 431)
        // One byte after the other, but never an end.
        for start in ["GET / HTTP/1.1\r\nX: ", "POST /v1/nearest HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n"] {
            let slow = try ServiceClient(port: service.port, seconds: 5)
            slow.send(start)
            let began = Date()
            for _ in 0..<100 {
                slow.send("a")
                usleep(25_000)
            }
            #expect(try slow.response().status == 408)
            #expect(slow.isClosed() && Date().timeIntervalSince(began) < 20)
        }
        // A connection too many is told so; when others have gone there is room again.
        func comesToAnswer(_ status: Int) throws -> Bool {
            for _ in 0..<200 {
                if try service.ask("GET", "/healthz").status == status { return true }
                usleep(50_000)
            }
            return false
        }
        var open = try (0..<6).map { _ in try ServiceClient(port: service.port) }
        #expect(try comesToAnswer(503))
        open = []
        #expect(try comesToAnswer(200) && open.isEmpty)
    }

    @Test func nobodyGetsMoreThanTheLimitsOfAnAnswer() throws {
        let service = try RunningService(space, "s.hashdb", "--max-k", "3", "--max-results", "5")
        func ask(_ search: String, _ name: String, _ number: Int) throws -> ServiceClient.Response {
            try service.ask("POST", "/v1/" + search, json: ["code": codes[0].hex, name: number] as [String: Any])
        }
        #expect(try matches(ask("nearest", "k", 3).object["neighbors"]).count == 3)
        let more = try ask("nearest", "k", 4)
        #expect(more.status == 400 && more.error.contains("from 1 to 3"), "\(more.text)")
        #expect(try ask("within", "radius", 0).status == 200)
        let all = try ask("within", "radius", 64)
        #expect(all.status == 422 && all.error.contains("--max-results"), "\(all.text)")
    }

    @Test(arguments: [
        "/../../etc/passwd", "/v1/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
        "/v1/stores/..%2f..%2fetc%2fpasswd/stats", "/page.css/../../etc/passwd", "//etc/passwd", "/etc/passwd",
        "/v1/items/../../../etc/passwd/thumbnail", "/v1/items/%2fetc%2fpasswd/thumbnail", "/s.hashdb", "/%00", "/c.npy",
    ]) func noFileIsServedByItsPath(target: String) throws {
        let service = try RunningService(space, "s.hashdb")
        let answer = try service.ask("GET", target)
        #expect([400, 404].contains(answer.status) && !answer.text.contains("root:"))
        #expect(try !answer.object.isEmpty)
    }
}
