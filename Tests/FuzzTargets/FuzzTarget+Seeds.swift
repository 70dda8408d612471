import CodeFiles
import Foundation
import HashDB
import HashNets
import ImageCodes

extension FuzzTarget {
    /// Small inputs that are right, to begin with.
    ///
    /// - Parameter path: where files may be put.
    package func seeds(scratch path: String) throws -> [[UInt8]] {
        switch self {
        case .weights:
            let tensors = ["a": Tensor(shape: [2, 1], values: [1, 2]), "b": Tensor(shape: [], values: [3])]
            let file = WeightFile(tensors: tensors, metadata: ["arch": "x\u{1F426}\n"])
            return [try file.bytes(precision: .float32), try file.bytes(precision: .float16)]
        case .checkpoint: return try FuzzedCheckpoint.seeds()
        case .codes:
            let layout = try CodeLayout(bitCount: 24)
            let names = [Array("a".utf8), Array("b,\"ä".utf8)]
            let batch = CodeBatch(packedCodes: [1, 2, 3, 0xFD, 0xFE, 0xFF], ids: [7, 1 << 40], names: names)
            var seeds = try CodeFormat.allCases.enumerated().filter { $0.element.isWritable }.map { index, format in
                var options = CodeFileOptions()
                options.format = format
                let sink = try CodeFile.create(path, count: 2, layout: layout, options: options)
                try sink.append(batch)
                try sink.finish()
                return [UInt8(index)] + (try Data(contentsOf: URL(fileURLWithPath: path)))
            }
            let head: [UInt8] = [24, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]
            let faiss = Array("IBxF".utf8) + head + [6, 0, 0, 0, 0, 0, 0, 0] + batch.packedCodes
            seeds.append([UInt8(CodeFormat.allCases.count)] + faiss)
            return seeds
        case .ids:
            var writer = try IDWriter(path: path, count: 2)
            try writer.append([1, .max])
            try writer.finish()
            return [[UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))]
        case .truth:
            return try GroundTruthKind.allCases.map { kind in
                let writer = try GroundTruthWriter(path: path, kind: kind)
                for id in 1...3 as ClosedRange<UInt64> { try writer.append([Match(id: id, distance: 5)]) }
                try writer.finish()
                return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            }
        case .report:
            let json = """
                {"format": "hashdb duplicates 1", "store": "/s", "model": "m", "tier": "near", "radius": 3, "bits": 64,
                "groups": [{"tier": "near", "images": [{"mark": "keep", "why": "most-pixels", "distance": 0,
                "path": "/a\\\\xFF", "size": 5, "width": 2, "height": 3, "modified": "2026-01-02T03:04:05Z",
                "content": "000102030405060708090a0b0c0d0e0f", "device": 1, "inode": 2}]}]}
                """
            let report = try? DuplicateReport(parsing: json, named: "seed")
            return [Array(json.utf8)] + (report.map { [Array($0.text.utf8)] } ?? [])
        case .hex: return [Array("00ff".utf8), Array("0xABCDEF".utf8)]
        case .pages:
            for name in [path, path + "-lock"] { try? FileManager.default.removeItem(atPath: name) }
            do {
                let store = try Store.create(at: path, bitWidth: 16)
                try store.write { transaction in
                    for id in 0..<9 as Range<UInt64> {
                        try transaction.insert(id, code: BinaryCode(bytes: [UInt8(id), 7]), payload: [1])
                    }
                }
                try store.fold()
            }
            return [[UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))]
        case .blocks: return try ExchangedEntry.seeds(headers: false)
        case .header: return try ExchangedEntry.seeds(headers: true)
        case .query: return FuzzedQuery.seeds
        case .globs: return [Array("*.[jJ][pP]g\nb?/**/\\[x\nb1/c/d.jpg".utf8)]
        case .shipment: return try FuzzedShipment.seeds(scratch: path)
        case .requests: return FuzzedConnection.seeds
        }
    }
}
