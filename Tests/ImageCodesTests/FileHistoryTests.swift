import Foundation
import HashDB
import ImageCodes
import TestSupport
import Testing

/// Random histories of what people do with files, after each of which the store must be what a look at the tree says.
@Suite struct FileHistoryTests {
    private let bench: IngestBench

    init() throws {
        bench = try IngestBench()
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func theStoreMirrorsTheTree(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var encoded: Set<[UInt8]> = []
        for _ in 0..<12 {
            for _ in 0..<Int.random(in: 1...6, using: &generator) { try change(&generator) }
            let encoder = StubEncoder()
            let summary = try bench.ingest(encoder: encoder) { $0.removesVanished = true }
            let tree = try tree()
            #expect(summary.failed == 0, "seed \(seed)")
            let images = summary.added + summary.changed + summary.moved + summary.copied + summary.linked
            #expect(images + summary.touched + summary.unchanged == tree.count, "seed \(seed)")
            try check(tree, seed)
            // Nothing that the store has is encoded again.
            let new = Set(tree.values).subtracting(encoded)
            #expect(encoder.batches.reduce(0, +) == new.count && summary.encoded == new.count, "seed \(seed)")
            encoded = Set(tree.values)
        }
    }

    /// The naive look: every file with its bytes.
    private func tree() throws -> [String: [UInt8]] {
        let root = bench.directory["photos"].string
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        var tree: [String: [UInt8]] = [:]
        for name in names where name.hasSuffix(".png") {
            tree["photos/" + name] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: root + "/" + name)))
        }
        return tree
    }

    private func check(_ tree: [String: [UInt8]], _ seed: UInt64) throws {
        let items = try bench.items()
        #expect(Set(items.keys) == Set(tree.keys), "seed \(seed)")
        // One id for one content, and the right code under it.
        let contents = Dictionary(grouping: tree.keys) { tree[$0] ?? [] }
        #expect(try bench.store.count == contents.count, "seed \(seed)")
        for paths in contents.values {
            #expect(Set(paths.map { items[$0] }).count == 1, "seed \(seed)")
            let code = try bench.store.read { try $0.code(of: items[paths[0]] ?? .max) }
            #expect(try code == bench.expectedCode(of: bench.directory[paths[0]]), "seed \(seed)")
        }
    }

    private func change(_ generator: inout SplitMix64) throws {
        let files = try tree().keys.sorted()
        let target =
            "photos/\(["a", "b", "c/d"].randomElement(using: &generator) ?? "a")/"
            + "\(Int.random(in: 0..<9, using: &generator)).png"
        let content = try TestImages.picture(seed: UInt64.random(in: 0..<12, using: &generator))
        guard let source = files.randomElement(using: &generator) else {
            try bench.directory.write(content, to: target)
            return
        }
        let (old, new) = (bench.directory[source].string, bench.directory[target].string)
        let folder = URL(fileURLWithPath: new).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1: try bench.directory.write(content, to: target)
        // In place, under all its names.
        case 2:
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: old))
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data(content))
            try handle.close()
        case 3, 4: _ = rename(old, new)
        case 5: try bench.directory.write([UInt8](try Data(contentsOf: URL(fileURLWithPath: old))), to: target)
        case 6: if source != target, unlink(new) == 0 || errno == ENOENT { _ = link(old, new) }
        default: unlink(old)
        }
    }
}
