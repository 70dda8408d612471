import Foundation
import Service
import Testing

/// Requests as bytes: whole, in pieces, and as they must not be.
@Suite struct RequestReaderTests {
    /// All requests in some bytes that come in pieces of a length.
    private func requests(_ text: String, pieces: Int = .max, body: Int = 1000) throws -> [HTTPRequest] {
        var reader = RequestReader(limits: .init(body: body))
        var requests: [HTTPRequest] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            reader.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            while let request = try reader.next() { requests.append(request) }
        }
        return requests
    }

    private static let three = [
        "POST /v1/nearest?a=1&b=%20x+y&c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello",
        "\r\nPOST /a%62 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    ].joined()

    @Test(arguments: [Int.max, 1, 2, 3, 7, 50]) func requestsComeOutHoweverTheyCome(pieces: Int) throws {
        let found = try requests(Self.three, pieces: pieces)
        #expect(found.map(\.method) == ["POST", "POST", "GET"])
        #expect(found.map(\.path) == [["v1", "nearest"], ["ab"], []])
        #expect(found[0].query.map(\.name) == ["a", "b", "c"] && found[0].query.map(\.value) == ["1", " x y", ""])
        #expect(found[0].header("x-a") == "b")
        #expect(found.map { String(decoding: $0.body, as: UTF8.self) } == ["hello", "abc0123456789", ""])
        #expect(found.map(\.keepsAlive) == [true, true, false])
    }

    @Test(arguments: [
        ("GET /../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET /a/%2e%2E/b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET /a%2f..%2fb HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET /a%5c..%5cb HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET /a%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET /%ff HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET /\r\n\r\n", 400), ("G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: h\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: \u{1}\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", 413),
    ]) func whatIsNoRequestIsRefused(text: String, status: Int) {
        for pieces in [Int.max, 1] {
            #expect { try requests(text, pieces: pieces) } throws: { ($0 as? ServiceError)?.status == status }
        }
    }

    @Test func headsAndChunksWithoutEndAreRefused() {
        let long = String(repeating: "a", count: 20_000)
        for text in [
            long, "GET / HTTP/1.1\r\nHost: h\r\nX: " + long,
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + long,
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                + String(repeating: "A: b\r\n", count: 5000),
            "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "A: b\r\n", count: 200) + "\r\n",
        ] {
            #expect { try requests(text, pieces: 1000) } throws: { ($0 as? ServiceError)?.status == 431 }
        }
    }

    @Test func aLongBodyMayComeInManyChunks() throws {
        func body(of length: Int, chunks: Int) throws -> Int? {
            let chunk = String(length, radix: 16) + "\r\n" + String(repeating: "a", count: length) + "\r\n"
            let all = String(repeating: chunk, count: chunks) + "0\r\n\r\n"
            let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            return try requests(head + all, pieces: 1 << 16, body: 2_000_000).first?.body.count
        }
        #expect(try body(of: 400, chunks: 4000) == 1_600_000)
        // What has more around it than in it does not.
        #expect { try body(of: 1, chunks: 10_000) } throws: { ($0 as? ServiceError)?.status == 431 }
    }

    @Test func theBodyIsWaitedForWhereItIsAskedFor() throws {
        var reader = RequestReader(limits: .init(body: 10))
        #expect(reader.isIdle)
        reader.append(Array("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8))
        #expect(try reader.next()?.method == nil)
        #expect(!reader.isIdle && reader.takeContinue() && !reader.takeContinue())
        reader.append(Array("ab".utf8))
        #expect(try reader.next()?.body == Array("ab".utf8))
        #expect(reader.isIdle && !reader.takeContinue())
    }
}
