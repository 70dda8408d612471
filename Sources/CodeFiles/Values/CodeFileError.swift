/// What can be wrong with a file of codes or ids; the description is one line that names the file and the way out.
public enum CodeFileError: Error, Equatable, CustomStringConvertible {
    /// The operating system refused an operation on the file.
    case system(path: String, code: Int, reason: String)
    /// The file is no `.npy` file, or its header breaks the format.
    case malformed(path: String, reason: String)
    /// A file whose contents are not what was asked for: another format, element type, order, dimensions or width.
    case unsupported(path: String, reason: String)
    /// The file ends before the data that its header promises.
    case truncated(path: String, expected: Int, found: Int)
    /// The file goes on after the data that its header promises.
    case trailingBytes(path: String)
    /// A line of a text file cannot be read; lines count from 1.
    case badLine(path: String, line: Int, reason: String)
    /// Two files that belong together hold different numbers of rows.
    case countMismatch(path: String, count: Int, otherPath: String, otherCount: Int)

    /// One clear line.
    public var description: String {
        switch self {
        case .system(let path, _, let reason):
            "\(path): \(reason)"
        case .malformed(let path, let reason):
            "\(path): not a readable .npy file: \(reason)"
        case .unsupported(let path, let reason):
            "\(path): \(reason)"
        case .truncated(let path, let expected, let found):
            "\(path): truncated: its header promises \(expected) bytes of data and \(found) are there"
        case .trailingBytes(let path):
            "\(path): damaged: more bytes follow the data that its header promises"
        case .badLine(let path, let line, let reason):
            "\(path): line \(line): \(reason)"
        case .countMismatch(let path, let count, let otherPath, let otherCount):
            "\(path) holds \(count) rows and \(otherPath) \(otherCount); they must be equal"
        }
    }
}
