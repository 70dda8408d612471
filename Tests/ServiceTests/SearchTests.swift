import Foundation
import HashDB
import Service
import TestSupport
import Testing

/// Searches through the service, against brute force.
@Suite struct SearchTests {
    let fixture: ServiceFixture
    let queries: [BinaryCode]

    init() throws {
        let fixture = try ServiceFixture()
        self.fixture = fixture
        var generator = SplitMix64(seed: 8)
        queries = try (0..<20).map { index in
            if index % 2 == 0 {
                return try BinaryCode(bytes: (0..<8).map { _ in .random(in: 0...255, using: &generator) })
            }
            var bytes = try #require(fixture.codes.randomElement(using: &generator)).bytes
            bytes[3] ^= 9
            return try BinaryCode(bytes: bytes)
        }
    }

    @Test func nearestAreThoseOfAPlainScan() throws {
        for (index, query) in queries.enumerated() {
            let answer = try fixture.ask("POST", "/v1/nearest", ["code": query.hex, "k": index + 1])
            #expect(answer.status == 200)
            #expect(try answer.neighbors == Array(fixture.matches(of: query).prefix(index + 1)))
        }
        #expect(try fixture.ask("POST", "/v1/stores/codes/nearest", ["code": queries[0].hex]).neighbors.count == 10)
    }

    @Test func withinAreThoseOfAPlainScan() throws {
        for (index, query) in queries.enumerated() {
            let answer = try fixture.ask("POST", "/v1/within", ["code": query.hex, "radius": 10 + index])
            #expect(try answer.neighbors == fixture.matches(of: query).filter { $0.distance <= 10 + index })
        }
    }

    @Test func aSearchThatIsCancelledIsNoFault() async throws {
        nonisolated(unsafe) let fixture = fixture  // nothing else uses it
        let codes = queries.map(\.hex)
        let status = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try? fixture.ask("POST", "/v1/within", ["codes": codes, "radius": 30]).status
        }.value
        #expect(status == 503)
    }

    @Test func manyCodesAreAnsweredInOrder() throws {
        let hex = queries.map(\.hex)
        let nearest = try fixture.ask("POST", "/v1/nearest", ["codes": hex, "k": 3])
        #expect(try nearest.answers == queries.map { Array(fixture.matches(of: $0).prefix(3)) })
        let within = try fixture.ask("POST", "/v1/within", ["codes": hex, "radius": 20])
        let right = queries.map { fixture.matches(of: $0).filter { $0.distance <= 20 } }
        #expect(try within.answers == right)
        #expect(try fixture.ask("POST", "/v1/nearest", ["codes": [String](), "k": 3]).answers.isEmpty)
    }

    @Test func mergedAnswersHaveEachItemOnceAtItsLeastDistance() throws {
        let hex = queries.map(\.hex)
        var best: [UInt64: Int] = [:]
        for match in queries.flatMap({ fixture.matches(of: $0) }) {
            best[match.id] = min(best[match.id] ?? .max, match.distance)
        }
        let all = best.map { Match(id: $0.key, distance: $0.value) }.sorted()
        let within = try fixture.ask("POST", "/v1/within", ["codes": hex, "radius": 18, "merge": true])
        #expect(try within.neighbors == all.filter { $0.distance <= 18 })
        let nearest = try fixture.ask("POST", "/v1/nearest", ["codes": hex, "k": 50, "merge": true])
        #expect(try nearest.neighbors == Array(all.prefix(50)))
    }

    @Test func filtersAndIDs() throws {
        let ids = (0..<300).map { UInt64($0 * 7) }
        let some = Set(ids)
        let only = try fixture.ask("POST", "/v1/nearest", ["code": queries[0].hex, "k": 9, "only_ids": ids])
        #expect(try only.neighbors == Array(fixture.matches(of: queries[0]) { some.contains($0) }.prefix(9)))
        let others = try fixture.ask("POST", "/v1/within", ["code": queries[1].hex, "radius": 25, "exclude_ids": ids])
        let right = fixture.matches(of: queries[1]) { !some.contains($0) }.filter { $0.distance <= 25 }
        #expect(try others.neighbors == right)
        let ofItem = try fixture.ask("POST", "/v1/nearest", ["id": 17, "k": 4])
        #expect(try ofItem.neighbors == Array(fixture.matches(of: fixture.codes[17]).prefix(4)))
        #expect(try fixture.ask("POST", "/v1/nearest", ["id": 99_999]).status == 404)
    }

    @Test(arguments: [0, 20, 64]) func streamsHoldTheWholeAnswer(radius: Int) throws {
        let answer = try fixture.ask(
            "POST", "/v1/within", ["codes": queries.prefix(3).map(\.hex), "radius": radius, "stream": true])
        #expect(answer.status == 200 && answer.header("Content-Type") == "application/x-ndjson")
        let lines = try answer.text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let right = queries.prefix(3).map { fixture.matches(of: $0).filter { $0.distance <= radius } }
        #expect(lines.first?["count"] as? Int == right.joined().count)
        #expect(lines.last?["end"] as? Bool == true)
        for (query, matches) in right.enumerated() {
            let found = lines.filter { $0["query"] as? Int == query }
            #expect(try Answer.matches(found) == matches)
        }
        #expect(lines.count == right.joined().count + 2)
    }

    @Test(arguments: [
        ("{", 400), ("[1]", 400), ("{}", 400), (#"{"code": "xyz"}"#, 400), (#"{"code": "00"}"#, 400),
        (#"{"code": 5}"#, 400), (#"{"codes": "00"}"#, 400), (#"{"code": "0000000000000000", "k": 0}"#, 400),
        (#"{"code": "0000000000000000", "k": -1}"#, 400), (#"{"code": "0000000000000000", "k": 1001}"#, 400),
        (#"{"code": "0000000000000000", "k": 1.5}"#, 400), (#"{"code": "0000000000000000", "radius": 3}"#, 400),
        (#"{"code": "0000000000000000", "codes": []}"#, 400),
        (#"{"code": "0000000000000000", "only_ids": [1], "exclude_ids": [2]}"#, 400),
        (#"{"code": "0000000000000000", "only_ids": [-1]}"#, 400), (#"{"code": "0000000000000000", "kk": 1}"#, 400),
    ]) func badQuestionsGetAnErrorThatSaysWhy(body: String, status: Int) throws {
        let answer = try fixture.ask("POST", "/v1/nearest", bytes: Array(body.utf8))
        #expect(answer.status == status)
        #expect(try !#require(answer.error).isEmpty && !answer.text.dropLast().contains("\n"))
    }

    @Test func limitsAreKept() throws {
        var limits = Limits()
        (limits.neighbours, limits.queries, limits.results, limits.streamed) = (5, 2, 100, 600)
        let small = try ServiceFixture(count: 500, limits: limits)
        let code = small.codes[0].hex
        #expect(try small.ask("POST", "/v1/nearest", ["code": code]).neighbors.count == 5)
        #expect(try small.ask("POST", "/v1/nearest", ["code": code, "k": 6]).error?.contains("1 to 5") == true)
        #expect(try small.ask("POST", "/v1/nearest", ["codes": [code, code, code]]).status == 413)
        let many = try small.ask("POST", "/v1/within", ["code": code, "radius": 64])
        #expect(many.status == 422 && many.error?.contains("stream") == true)
        let stream = try small.ask("POST", "/v1/within", ["code": code, "radius": 64, "stream": true])
        #expect(stream.text.split(separator: "\n").count == 502)
        let streams = try small.ask("POST", "/v1/within", ["codes": [code, code], "radius": 64, "stream": true])
        #expect(streams.status == 422 && streams.error?.contains("more than 600 items") == true)
        // Twice as many as there may be, but the same ones: what is merged counts once.
        let matches = small.matches(of: small.codes[0])
        let radius = try #require((0...64).last { radius in matches.count { $0.distance <= radius } <= 100 })
        let found = matches.filter { $0.distance <= radius }
        #expect(found.count > 50)
        let twice: [String: Any] = ["codes": [code, code], "radius": radius]
        #expect(try small.ask("POST", "/v1/within", twice).status == 422)
        let once = try small.ask("POST", "/v1/within", twice.merging(["merge": true]) { $1 })
        #expect(try once.neighbors == found)
        let late = small.service.respond(
            to: {
                var request = HTTPRequest("POST", ["v1", "nearest"])
                request.body = Array("{\"code\": \"\(code)\"}".utf8)
                return request
            }(), by: Deadline(in: .zero))
        #expect(late.status == 503)
    }

    @Test func answersAreCountedCodeByCode() throws {
        let all = fixture.codes.prefix(40).map { fixture.matches(of: $0) }
        func within(_ radius: Int) -> [[Match]] { all.map { $0.filter { $0.distance <= radius } } }
        // Near one of the first codes lies so much that those after the first 32 are asked for one by one.
        let uneven = (5...30).last { radius in
            let counts = within(radius).map(\.count)
            return counts.prefix(32).max() ?? 0 > counts.reduce(0, +) / 32
        }
        let right = within(try #require(uneven))
        let total = right.joined().count
        for (limit, status) in [(total, 200), (total - 1, 422)] {
            var limits = Limits()
            limits.results = limit
            let limited = try ServiceFixture(limits: limits)
            let question: [String: Any] = ["codes": limited.codes.prefix(40).map(\.hex), "radius": uneven ?? 0]
            let answer = try limited.ask("POST", "/v1/within", question)
            #expect(answer.status == status)
            if status == 200 { #expect(try answer.answers == right) }
        }
    }

    @Test func pathsAndMethods() throws {
        #expect(try fixture.ask("GET", "/v1/stores/other/stats").status == 404)
        #expect(try fixture.ask("GET", "/v1/none").status == 404)
        #expect(try fixture.ask("GET", "/v1/stores/codes/stores").status == 404)
        let wrong = try fixture.ask("GET", "/v1/nearest")
        #expect(wrong.status == 405 && wrong.header("Allow") == "POST")
        let stats = try fixture.ask("GET", "/v1/stats").object
        #expect(stats["items"] as? Int == 3000 && stats["bits"] as? Int == 64 && stats["store"] as? String == "codes")
        let stores = try #require(try fixture.ask("GET", "/v1/stores").object["stores"] as? [[String: Any]])
        #expect(stores.map { $0["store"] as? String } == ["codes"])
        #expect(try fixture.ask("GET", "/healthz").object["status"] as? String == "ok")
    }

    @Test func onlyNamesOfTheServiceAreAnsweredTo() throws {
        let service = StoreService(
            stores: fixture.service.stores, hosts: ["pictures.example"])
        func status(_ host: String) -> Int {
            var request = HTTPRequest("GET", ["healthz"])
            request.headers = [("host", host)]
            return service.respond(to: request, by: Deadline(in: .seconds(9))).status
        }
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:7878", "[::1]:7878", "10.0.0.7", "Pictures.example:443"] {
            #expect(status(host) == 200, "\(host)")
        }
        for host in ["evil.example", "evil.example:7878", "127.0.0.1.evil.example", "[evil", "1.2.3", ""] {
            #expect(status(host) == 421, "\(host)")
        }
    }
}
