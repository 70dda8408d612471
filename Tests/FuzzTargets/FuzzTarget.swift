import CodeFiles
import Foundation
import HashDB
import HashNets
import ImageCodes
import LMDB

/// A reader of foreign bytes: whatever they are, it reads them or refuses them with one of the errors that it documents.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// A weight file, and the model that it describes.
    case weights
    /// What a checkpoint tells, and a step of the training that goes on from it.
    case checkpoint
    /// A file of codes, after a byte that tells the format.
    case codes
    /// An array of ids.
    case ids
    /// Ground truth.
    case truth
    /// A report of duplicates, as text or JSON.
    case report
    /// A code in hexadecimal.
    case hex
    /// The pages of a store; where they are found right, LMDB and the store's own reader get them too.
    case pages
    /// An entry of a store other than its header, with the right checksum.
    case blocks
    /// The header of a store, with the right checksum.
    case header
    /// What a store is asked for: any code, count, radius, ids and plan.
    case query
    /// Patterns of names.
    case globs
    /// A shipment, with the right checksums; its first byte tells which of two stores gets it.
    case shipment
    /// The bytes of a connection to the service.
    case requests

    /// Where files are put that are soon gone: in memory where that is possible, since a device would be waited for at every input.
    private static let scratchFolder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"

    /// A name for such files.
    package static func scratch() -> String {
        scratchFolder + "/hashdb-fuzz-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    /// Why a target cannot work, which no reader of bytes may take for a refusal of them.
    private struct NoStore: Error, CustomStringConvertible {
        let description: String
    }

    /// A new store with what `fill` puts into it, whose file is gone with the process.
    static func scratchStore(bitWidth: Int, fill: (Store) throws -> Void) throws -> Store {
        do {
            let store = try Store.temporary(bitWidth: bitWidth, directory: scratchFolder)
            try fill(store)
            return store
        } catch {
            throw NoStore(description: "no store to search in: \(error)")
        }
    }

    /// Reads the bytes.
    ///
    /// - Parameter path: where files may be put.
    /// - Throws: an error that is not documented.
    package func run(_ bytes: [UInt8], scratch path: String) throws {
        do {
            switch self {
            case .weights: _ = try HashModel(WeightFile(bytes: bytes, path: "weights"), threads: 1)
            case .checkpoint: try FuzzedCheckpoint.run(bytes, scratch: path)
            case .codes: try readCodes(bytes, path)
            case .ids:
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                var reader = try IDReader(path: path)
                while try reader.next(upTo: 7) != nil {}
            case .truth:
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                let reader = try GroundTruthReader(path: path)
                // A count of queries without answers needs no bytes.
                for _ in 0..<1000 { guard try reader.next() != nil else { break } }
            case .report:
                let report = try DuplicateReport(parsing: String(decoding: bytes, as: UTF8.self), named: "report")
                _ = (report.text, report.json)
            case .hex: _ = try BinaryCode(hex: String(decoding: bytes, as: UTF8.self)).hex
            case .pages: try readPages(bytes, path)
            case .blocks: try ExchangedEntry.run(bytes, headers: false, scratch: path)
            case .header: try ExchangedEntry.run(bytes, headers: true, scratch: path)
            case .query: try FuzzedQuery(bytes).run()
            case .globs: readPatterns(bytes)
            case .shipment: try FuzzedShipment.run(bytes, scratch: path)
            case .requests: try FuzzedConnection.run(bytes)
            }
        } catch is CodeFileError {
        } catch is HashDBError {
        } catch is HashNetsError {
        } catch is LearningError {
        } catch is LMDBError {
        } catch is ReportError {}
    }

    private func readCodes(_ bytes: [UInt8], _ path: String) throws {
        guard let choice = bytes.first else { return }
        try Data(bytes.dropFirst()).write(to: URL(fileURLWithPath: path))
        var options = CodeFileOptions()
        let formats = CodeFormat.allCases
        options.format = Int(choice) < formats.count ? formats[Int(choice)] : nil
        let source = try CodeFile.open(path, options: options)
        while try source.next(upTo: 7) != nil {}
    }

    private func readPatterns(_ bytes: [UInt8]) {
        let texts = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
            .map { ImagePath(bytes: Array($0.filter { $0 != 0 })) }
        guard texts.count == 3, texts[0...1].allSatisfy(PathFilter.isPattern) else { return }
        let filter = PathFilter(including: [texts[0]], excluding: [texts[1]])
        _ = (filter.excludes(texts[2], isDirectory: true), filter.excludes(texts[2], isDirectory: false))
    }

    private func readPages(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let walk = PageWalk(try PageFile(path: path))
        walk.checkAll()
        guard walk.problems.isEmpty else { return }
        let store = try Store.open(at: path, access: .readOnly)
        try store.read { try $0.forEachItem { _ in true } }
        _ = try store.nearest(to: BinaryCode(zeros: store.bitWidth), count: 3)
    }
}
