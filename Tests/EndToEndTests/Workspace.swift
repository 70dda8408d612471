import CodeFiles
import Foundation
import HashDB
import TestSupport
import Testing

/// A folder for one test, in which the tool runs.
typealias Workspace = TemporaryFolder

extension Workspace {
    var tool: Tool { Tool(folder: path) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// Writes random codes as a .npy file and returns them.
    @discardableResult
    func writeCodes(_ name: String, count: Int, bits: Int, seed: UInt64 = 1) throws -> [BinaryCode] {
        var generator = SplitMix64(seed: seed)
        let bytes = (0..<count * bits / 8).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var writer = try CodeWriter(path: file(name), count: count, bitWidth: bits)
        try writer.append(bytes)
        try writer.finish()
        return try (0..<count).map { try BinaryCode(bytes: bytes[$0 * bits / 8..<($0 + 1) * bits / 8]) }
    }

    func writeIDs(_ name: String, _ ids: [UInt64]) throws {
        var writer = try IDWriter(path: file(name), count: ids.count)
        try writer.append(ids)
        try writer.finish()
    }
}

/// The nearest items by brute force, ordered by distance and then by id.
func nearest(to code: BinaryCode, count: Int, among codes: [BinaryCode]) -> [Match] {
    let matches = codes.enumerated().map {
        Match(id: UInt64($0.offset), distance: $0.element.hammingDistance(to: code))
    }
    return Array(matches.sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }.prefix(count))
}

/// A line of `query --json`, parsed by a strict parser.
struct QueryLine {
    let query: Any
    let matches: [Match]
    let paths: [String?]

    init(_ line: String) throws {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(Set(object.keys) == ["query", "neighbors"])
        query = try #require(object["query"])
        let neighbors = try #require(object["neighbors"] as? [[String: Any]])
        matches = try neighbors.map { neighbor in
            Match(
                id: try #require((neighbor["id"] as? NSNumber)?.uint64Value),
                distance: try #require(neighbor["distance"] as? Int)
            )
        }
        paths = neighbors.map { $0["path"] as? String }
    }
}
