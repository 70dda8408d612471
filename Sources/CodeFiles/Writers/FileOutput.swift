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

    deinit {
        if let temporaryPath, !isFinished { unlink(temporaryPath) }
    }

    /// Appends a part.
    func append(_ bytes: [UInt8]) throws {
        try file.write(bytes)
    }

    /// Replaces what has been written at an offset; only for a regular file.
    func replace(at offset: Int, with bytes: [UInt8]) throws {
        try file.write(bytes, at: offset)
    }

    /// Ends the file: on the disk, and under its name.
    func finish() throws {
        if let temporaryPath {
            try file.synchronize()
            guard rename(temporaryPath, path) == 0 else { throw CodeFileError.last(path) }
        }
        isFinished = true
    }
}
