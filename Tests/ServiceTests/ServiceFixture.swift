import CodeFiles
import Foundation
import HashDB
import ImageCodes
import Service
import Synchronization
import TestSupport
import Testing

/// A store, and a service of it; its files are removed with its owner.
final class ServiceFixture {
    static let token = "a-token-of-the-tests"
    /// What the service has written to its log.
    let log = TestLog()
    private let folder: TemporaryFolder
    let codes: [BinaryCode]
    let store: Store
    let service: StoreService

    /// A store of random codes, some near one another.
    init(count: Int = 3000, bits: Int = 64, limits: Limits = Limits(), isWritable: Bool = true, name: String = "codes")
        throws
    {
        folder = try TemporaryFolder()
        var options = Store.Options()
        options.synchronous = false
        store = try Store.create(at: folder.file("store"), bitWidth: bits, options: options)
        var generator = SplitMix64(seed: 7)
        var codes: [BinaryCode] = []
        for index in 0..<count {
            var bytes = (0..<bits / 8).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if index % 3 == 2 {
                bytes = codes[index / 2].bytes
                bytes[index % bytes.count] ^= 5
            }
            codes.append(try BinaryCode(bytes: bytes))
        }
        self.codes = codes
        try store.bulkLoad { loader in
            for (id, code) in codes.enumerated() { try loader.append(id: UInt64(id), code: code) }
        }
        service = StoreService(
            stores: [ServedStore(name: name, store: store)], limits: limits, token: isWritable ? Self.token : nil,
            log: log.add)
    }

    /// A store of the PDQ of pictures that are made for it, `0.pgm` and so on. The names of `copies` are those of others, in one sample different.
    init(pictures: Int, copies: Set<Int>, limits: Limits = Limits()) throws {
        folder = try TemporaryFolder()
        for picture in 0..<pictures {
            for copy in 0...(copies.contains(picture) ? 1 : 0) {
                let name = "\(picture)\(copy == 0 ? "" : " copy").pgm"
                try folder.write(Self.waves(UInt64(picture), flaw: copy), to: "pictures/" + name)
            }
        }
        let model = ImageModel.perceptual(.pdq)
        var options = Store.Options()
        options.synchronous = false
        store = try Store.create(
            at: folder.file("store"), bitWidth: model.codeBytes * 8, model: model.identity, options: options)
        codes = []
        _ = try Ingest(store: store, model: model).run([ImagePath(folder.file("pictures"))])
        service = StoreService(
            stores: [ServedStore(name: "pictures", store: store, model: model)], limits: limits, token: Self.token,
            log: log.add)
    }

    /// A grey picture of waves, other ones for each seed.
    static func waves(_ seed: UInt64, flaw: Int = 0) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        let waves = (0..<8).map { _ in (0..<3).map { _ in Double.random(in: -0.3...0.3, using: &generator) } }
        var pixels: [UInt8] = (0..<96 * 80).map { place in
            let (x, y) = (Double(place % 96), Double(place / 96))
            return UInt8(128 + waves.reduce(0) { $0 + 15 * sin(x * $1[0] + y * $1[1] + 9 * $1[2]) })
        }
        pixels[4000] ^= UInt8(flaw)
        return Array("P5\n96 80\n255\n".utf8) + pixels
    }

    /// Where a picture is.
    func picture(_ name: String) -> String { folder.file("pictures/" + name) }

    /// Status and JSON of an answer.
    func ask(
        _ method: String, _ target: String, _ body: Any? = nil, token: String? = nil, headers: [String] = []
    ) throws -> Answer {
        let bytes = try body.map { [UInt8](try JSONSerialization.data(withJSONObject: $0)) } ?? []
        return try ask(method, target, bytes: bytes, token: token, headers: headers)
    }

    func ask(
        _ method: String, _ target: String, bytes: [UInt8], token: String? = nil, headers: [String] = []
    ) throws -> Answer {
        try Answer(service.respond(to: request(method, target, bytes, token, headers), by: Deadline(in: .seconds(60))))
    }

    /// An answer that is streamed, none of which is taken yet.
    func stream(_ body: Any, target: String = "/v1/within") throws -> HTTPResponse {
        let bytes = [UInt8](try JSONSerialization.data(withJSONObject: body))
        return service.respond(to: try request("POST", target, bytes, nil, []), by: Deadline(in: .seconds(60)))
    }

    /// The request, as the reader of requests makes it.
    private func request(
        _ method: String, _ target: String, _ body: [UInt8], _ token: String?, _ headers: [String]
    ) throws -> HTTPRequest {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost", "Content-Length: \(body.count)"] + headers
        if let token { lines.append("Authorization: Bearer \(token)") }
        var reader = RequestReader(limits: .init(body: 1 << 24))
        reader.append(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        return try #require(try reader.next())
    }

    /// By brute force, ordered by distance and then by id.
    func matches(of code: BinaryCode, among ids: (UInt64) -> Bool = { _ in true }) -> [Match] {
        codes.enumerated().filter { ids(UInt64($0.offset)) }
            .map { Match(id: UInt64($0.offset), distance: $0.element.hammingDistance(to: code)) }.sorted()
    }
}

/// Lines that a service has told.
final class TestLog: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    @Sendable func add(_ line: String) { state.withLock { $0.append(line) } }
}

/// A response, its body put together.
struct Answer {
    let status: Int
    let headers: [(name: String, value: String)]
    let text: String

    init(_ response: HTTPResponse) throws {
        status = response.status
        headers = response.headers
        var bytes: [UInt8] = []
        switch response.body {
        case .bytes(let all): bytes = all
        case .pieces(let next): while let piece = next() { bytes += piece }
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    var object: [String: Any] {
        get throws {
            try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
        }
    }

    var error: String? { (try? object)?["error"] as? String }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    static func matches(_ list: Any?) throws -> [Match] {
        try #require(list as? [[String: Any]]).map { item in
            Match(
                id: try #require(item["id"] as? NSNumber).uint64Value, distance: try #require(item["distance"] as? Int))
        }
    }

    var neighbors: [Match] { get throws { try Self.matches(try object["neighbors"]) } }

    /// The answers to several codes.
    var answers: [[Match]] {
        get throws {
            try #require(try object["answers"] as? [[String: Any]]).map { try Self.matches($0["neighbors"]) }
        }
    }
}
