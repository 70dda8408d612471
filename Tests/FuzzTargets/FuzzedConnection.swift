import CodeFiles
import Foundation
import HashDB
import Service

/// The bytes of a connection: requests are read from them in pieces, and all that are whole are answered by a service of a small store.
struct FuzzedConnection {
    private static let token = "a-token-to-fuzz-with"

    private struct WrongAnswer: Error, CustomStringConvertible {
        let description: String
    }

    private static let store = Result { try FuzzTarget.scratchStore(bitWidth: 256, fill: fill) }

    private static func fill(_ store: Store) throws {
        try store.write { transaction in
            for id in 0..<50 as Range<UInt64> {
                let bytes = (0..<32 as Range<UInt64>).map { UInt8(truncatingIfNeeded: id / 2 &* ($0 | 1)) }
                try transaction.upsert(id, code: BinaryCode(bytes: bytes), payload: CodeName(bytes: [0xFF]).encoded)
            }
        }
    }

    static var seeds: [[UInt8]] {
        let code = String(repeating: "01", count: 32)
        func post(_ path: String, _ body: String) -> String {
            "POST \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        func form(_ path: String, _ name: String) -> String {
            let body = "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\nP6 1 1 255 abc\r\n--B--\r\n"
            return "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=B\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n" }
        return [
            post("/v1/nearest", "{\"code\": \"\(code)\", \"k\": 3, \"only_ids\": [1, 2]}"),
            post("/v1/within", "{\"codes\": [\"\(code)\"], \"radius\": 31, \"stream\": true, \"merge\": false}"),
            post("/v1/within", "{\"codes\": [\"\(code)\"], \"radius\": 99, \"merge\": true, \"records\": true}"),
            post("/v1/stores/s/nearest", "{\"id\": 7, \"exclude_ids\": [7]}"),
            post(
                "/v1/insert",
                "{\"items\": [{\"id\": 99, \"code\": \"\(code)\", \"name\": \"\\udcff\\u00e4\"}], \"replace\": true}"),
            post("/v1/delete", "{\"ids\": [99, 18446744073709551615]}"), post("/v1/verdict", "{\"ids\": [1, 2]}"),
            post("/v1/nearest-image?k=1&variants=1", "P6 1 1 255 abc"),
            form("/m/lookup?banks=s", "photo\"; filename=\"a"), form("/h/hash", "photo"),
            get("/m/lookup?signal=\(code)&signal_type=pdq&banks=s"), get("/m/raw_lookup?signal=%30&include_distance=1"),
            get("/v1/duplicates?tier=near&radius=3&offset=1&count=2") + get("/v1/items/3/thumbnail?side=64"),
            get("/v1/stats") + get("/v1/stores") + get("/metrics") + get("/healthz") + get("/") + get("/page.js"),
            "POST /v1/nearest HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n4;a=b\r\n: 3}\r\n0\r\nA: b\r\n\r\n",
        ].enumerated().map { [UInt8($0.offset * 5)] + Array($0.element.utf8) }
    }

    /// - Throws: what was answered wrongly, or an error that is no answer.
    static func run(_ bytes: [UInt8]) throws {
        let store = try store.get()
        if try store.count > 500 {
            try store.write { for id in 0..<100_000 as Range<UInt64> { _ = try $0.delete(id) } }
        }
        var limits = Limits()
        limits.bodyBytes = 4096
        let service = StoreService(
            stores: [ServedStore(name: "s", store: store)], limits: limits, token: token, hosts: [])
        // The first byte says how the others come.
        let length = max(1, Int(bytes.first ?? 0))
        var rest = bytes.dropFirst()
        var reader = RequestReader(limits: .init(body: limits.bodyBytes))
        while !rest.isEmpty {
            reader.append(rest.prefix(length))
            rest = rest.dropFirst(length)
            do {
                while let request = try reader.next() {
                    try check(service.respond(to: request, by: Deadline(in: .seconds(60))))
                }
            } catch let error as ServiceError {
                return try check(service.refuse(error))
            }
        }
    }

    private static func check(_ response: HTTPResponse) throws {
        let head = String(decoding: response.head(for: nil, closes: false), as: UTF8.self)
        // Nothing that a client sends is the service's fault, or splits the head.
        guard response.status != 500, head.components(separatedBy: "\r\n").count == response.headers.count + 4 else {
            throw WrongAnswer(description: head)
        }
        switch response.body {
        case .pieces(let next): while next() != nil {}
        case .bytes(let bytes):
            if response.headers.contains(where: { $0.value == "application/json" }) {
                _ = try JSONReader.read(bytes[...])
            }
        }
    }
}
