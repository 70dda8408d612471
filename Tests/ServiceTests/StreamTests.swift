import Foundation
import HashDB
import Service
import Testing

/// Long answers, which clients take piece by piece.
@Suite struct StreamTests {
    /// The next piece of a streamed answer.
    private func piece(_ response: HTTPResponse) throws -> String? {
        guard case .pieces(let next) = response.body else {
            Issue.record("\(response.status)")
            return nil
        }
        return next().map { String(decoding: $0, as: UTF8.self) }
    }

    private func rest(_ response: HTTPResponse) throws -> String {
        var text = ""
        while let piece = try piece(response) { text += piece }
        return text
    }

    private func lines(_ text: String, query: Int) throws -> [Match] {
        let objects = try text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        return try Answer.matches(objects.filter { $0["query"] as? Int == query })
    }

    @Test func anAnswerIsOfOneCommitThoughTheStoreIsWrittenTo() throws {
        let fixture = try ServiceFixture(count: 3000)
        let codes = fixture.codes.prefix(3)
        let stream = try fixture.stream(["codes": codes.map(\.hex), "radius": 64, "stream": true])
        let first = try #require(try piece(stream))
        #expect(first.hasPrefix("{\"commit\": 1, \"count\": 9000}\n") && first.split(separator: "\n").count == 4097)
        try fixture.store.write { for id in 0..<2900 as Range<UInt64> { _ = try $0.delete(id) } }
        let text = try first + rest(stream)
        #expect(text.hasSuffix("\n{\"end\": true}\n"))
        for (query, code) in codes.enumerated() {
            #expect(try lines(text, query: query) == fixture.matches(of: code))
        }
        let later = try fixture.stream(["code": fixture.codes[0].hex, "radius": 64, "stream": true])
        #expect(try piece(later)?.contains("\"count\": 100}") == true)
    }

    /// What slow clients have not taken yet counts together.
    @Test func allClientsTogetherHaveNoMoreHeldThanTheLimit() throws {
        var limits = Limits()
        limits.streamed = 500
        let fixture = try ServiceFixture(count: 200, limits: limits)
        let question: [String: Any] = ["code": fixture.codes[0].hex, "radius": 64, "stream": true]
        var slow = [try fixture.stream(question), try fixture.stream(question)]
        #expect(slow.map(\.status) == [200, 200])
        let refused = try fixture.stream(question)
        #expect(refused.status == 503 && refused.headers.contains { $0.name == "Retry-After" })
        // One of them has gone.
        slow.removeLast()
        let next = try fixture.stream(question)
        #expect(next.status == 200)
        // What has been taken is held no more.
        #expect(try rest(slow[0]).hasSuffix("{\"end\": true}\n"))
        #expect(try fixture.stream(question).status == 200)
        withExtendedLifetime(next) {}
    }

    @Test func whatGoesWrongHasAStatus() throws {
        var limits = Limits()
        (limits.results, limits.streamed) = (199, 500)
        let fixture = try ServiceFixture(count: 200, limits: limits)
        #expect(try fixture.stream(["id": 99_999, "radius": 1, "stream": true]).status == 404)
        let codes = fixture.codes.prefix(3).map(\.hex)
        #expect(try fixture.stream(["codes": codes, "radius": 64, "stream": true]).status == 422)
        // What is merged counts once, and what was refused is not held.
        let merged: [String: Any] = ["codes": codes, "radius": 64, "merge": true, "stream": true]
        for _ in 0..<3 { #expect(try rest(fixture.stream(merged)).hasSuffix("{\"end\": true}\n")) }
        let none = try rest(fixture.stream(["codes": [String](), "radius": 64, "stream": true]))
        #expect(none.split(separator: "\n").count == 2 && none.hasSuffix("{\"end\": true}\n"))
    }

    /// One item more than there may be shows that there are too many, however many there are.
    @Test(arguments: [0, 1, 50, 199, 200, 300]) func searchesEndWithOneTooMany(most: Int) throws {
        let fixture = try ServiceFixture(count: 200)
        let all = fixture.matches(of: fixture.codes[3])
        for radius in [0, 25, 64] {
            let within = all.filter { $0.distance <= radius }
            let found = try fixture.store.read { try $0.within(radius: radius, of: fixture.codes[3], atMost: most) }
            #expect(found == Array(within.prefix(most + 1)))
        }
    }
}
