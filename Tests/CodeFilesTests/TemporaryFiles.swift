import Foundation
import TestSupport

extension TemporaryFolder {
    /// Writes a file whose name does not matter and returns its path.
    func write(_ bytes: [UInt8]) throws -> String { try write(bytes, to: "a.npy") }

    func text(of name: String) throws -> String {
        String(decoding: try bytes(of: name), as: UTF8.self)
    }

    /// Removes a store.
    func remove(_ name: String) {
        for name in [name, name + "-lock"] { try? FileManager.default.removeItem(atPath: file(name)) }
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

/// The bytes of an `.npy` file with any header text, in any version.
func npy(_ text: String, version: UInt8 = 1, data: [UInt8] = []) -> [UInt8] {
    let text = Array(text.utf8) + [0x0a]
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
}

/// The header text that NumPy writes for an array in C order.
func headerText(_ type: String, _ shape: String, fortran: Bool = false) -> String {
    "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
}
