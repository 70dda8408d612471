import Foundation

/// Text that a command reads whole.
enum TextFile {
    /// Reads a file, or standard input for `-`, that has to be UTF-8.
    static func read(_ path: String) throws -> String {
        guard let text = String(validating: try data(path), as: UTF8.self) else {
            throw ToolError("\(path): not UTF-8 text")
        }
        return text
    }

    /// The bytes of a file, or of standard input for `-`.
    static func data(_ path: String) throws -> Data {
        do {
            let file = try path == "-" ? .standardInput : FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            return try file.readToEnd() ?? Data()
        } catch {
            throw ToolError("\(path): cannot be read: \((error as NSError).localizedDescription)")
        }
    }
}
