import CodeFiles
import Foundation
import HashDB

/// A set on disk, as the import, the prototype and the Python peer read it: `SET.npy`, `SET.qKIND.npy` and, with the distances of the hundred
/// nearest, `SET.qKIND.truth.npy`.
struct SetFiles {
    let directory: String
    let name: String

    var codes: String { "\(directory)/\(name).npy" }
    func queries(_ kind: String) -> String { "\(directory)/\(name).q\(kind).npy" }

    func write(_ codes: CodeArray, to path: String) throws {
        var writer = try CodeWriter(path: path, count: codes.count, bitWidth: codes.bitWidth)
        for start in stride(from: 0, to: codes.count, by: 1 << 16) {
            try writer.append(codes.packed(start..<min(codes.count, start + 1 << 16)))
        }
        try writer.finish()
    }

    /// Writes the distances of the hundred nearest to each query.
    func write(_ truths: [Truth], of kind: String) throws {
        let columns = 100
        var header = "{'descr': '<u2', 'fortran_order': False, 'shape': (\(truths.count), \(columns)), }"
        header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
        for truth in truths {
            let distances = truth.answer(.nearest(columns)).map(\.distance)
            for column in 0..<columns {
                let distance = UInt16(column < distances.count ? distances[column] : .init(UInt16.max))
                bytes += [UInt8(truncatingIfNeeded: distance), UInt8(distance >> 8)]
            }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name).q\(kind).truth.npy"))
    }

    /// Removes everything of the set.
    func remove() throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: directory)
        where file.hasPrefix("\(name).") {
            try FileManager.default.removeItem(atPath: "\(directory)/\(file)")
        }
    }
}

/// The first codes of a .npy file.
func readCodes(_ path: String, upTo count: Int = .max) throws -> [BinaryCode] {
    var reader = try CodeReader(path: path)
    let bytes = try reader.next(upTo: min(count, reader.count)) ?? []
    return try (0..<bytes.count / reader.codeBytes).map { row in
        try BinaryCode(bytes: bytes[row * reader.codeBytes..<(row + 1) * reader.codeBytes])
    }
}
