#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is written part by part and appears under its name only when it is whole; `-` is standard output.
///
/// A name that stands for something else than a regular file (a pipe, a device, a link) is written to directly.
final class FileOutput {
    /// What errors call it.
    let path: String
    /// Whether bytes may be written at any place, as a pipe does not allow it.
    var isRegular: Bool { temporaryPath != nil }
    private let file: Descriptor
    private let temporaryPath: String?
    private var isFinished = false
    /// Bytes that are still to come; nil: any number.
    private var missing: Int?

    init(path: String) throws {
        if path == "-" {
            file = try .standardOutput()
            self.path = file.path
            temporaryPath = nil
            return
        }
        var status = stat()
        let isSpecial = lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
        let temporaryPath = isSpecial ? nil : "\(path).partial-\(getpid())"
        file = try Descriptor(writing: temporaryPath ?? path, named: path)
        self.temporaryPath = temporaryPath
        self.path = path
    }

    /// Opens a file that is a head, which is written, and then so many rows.
    convenience init(path: String, head: [UInt8], rows: Int, rowBytes: Int) throws {
        let (bytes, overflow) = rows.multipliedReportingOverflow(by: rowBytes)
        guard rows >= 0, rowBytes >= 0, !overflow else {
            throw CodeFileError.unsupported(path: path, reason: "cannot be written: \(rows) rows of \(rowBytes) bytes")
        }
        try self.init(path: path)
        try append(head)
        missing = bytes
    }

    deinit {
        if let temporaryPath, !isFinished { unlink(temporaryPath) }
    }

    /// Appends a part. Throws for more than was announced, and after the end.
    func append(_ bytes: [UInt8]) throws {
        if let missing {
            guard bytes.count <= missing else { throw mismatch("more") }
            self.missing = missing - bytes.count
        }
        try file.write(bytes)
    }

    /// Replaces what has been written at an offset; only for a regular file.
    func replace(at offset: Int, with bytes: [UInt8]) throws {
        try file.write(bytes, at: offset)
    }

    /// Ends the file: on the disk, and under its name. Throws for less than was announced.
    func finish() throws {
        guard missing ?? 0 == 0 else { throw mismatch("less") }
        if let temporaryPath {
            try file.synchronize()
            guard rename(temporaryPath, path) == 0 else { throw CodeFileError.last(path) }
        }
        isFinished = true
        missing = 0
    }

    private func mismatch(_ amount: String) -> CodeFileError {
        .unsupported(path: path, reason: "cannot be written: there is \(amount) data than was announced")
    }
}
