import Foundation

/// A file that is to be written when the work is done, and whose place is looked at before.
struct OutputFile {
    let path: String

    /// Throws where there is no folder to write to: before hours of work, not after them.
    init(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw ToolError("\(path): cannot be written, as \(folder) is no folder that can be written to")
        }
        self.path = path
    }

    /// Writes the whole text or nothing.
    func write(_ text: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ToolError("\(path): cannot be written: \((error as NSError).localizedDescription)")
        }
    }
}
