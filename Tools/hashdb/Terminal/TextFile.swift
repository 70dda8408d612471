import Foundation

/// Text that a command reads whole.
enum TextFile {
    /// What is read at most. The report of a million duplicates has half of that.
    private static let largest = 1 << 30
    private static let chunk = 1 << 20

    /// Reads a file, or standard input for `-`, that has to be UTF-8.
    static func read(_ path: String) throws -> String {
        guard let text = String(validating: try data(path), as: UTF8.self) else {
            throw ToolError("\(path): not UTF-8 text")
        }
        return text
    }

    /// The bytes of a file or pipe, or of standard input for `-`. Devices, which may never end, are refused; terminals are none.
    static func data(_ path: String) throws -> Data {
        let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw ToolError("\(path): cannot be read: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: path != "-")
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR { throw ToolError("\(path): is a folder; name a file") }
        guard kind != S_IFBLK, kind != S_IFCHR || isatty(descriptor) == 1 || path == "-" else {
            throw ToolError("\(path): is a device; name a file")
        }
        do {
            var bytes = Data()
            while let more = try file.read(upToCount: chunk), !more.isEmpty {
                bytes += more
                guard bytes.count <= largest else { throw ToolError("\(path): has more than \(largest) bytes") }
            }
            return bytes
        } catch let error as ToolError {
            throw error
        } catch {
            throw ToolError("\(path): cannot be read: \((error as NSError).localizedDescription)")
        }
    }
}
