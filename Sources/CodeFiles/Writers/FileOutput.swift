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

/// Bytes that are put aside in a file without a name, and read once from the front.
final class Spool {
    private let file: Descriptor
    private var buffer: [UInt8] = []
    private(set) var count = 0
    private var position = 0

    init() throws {
        file = try .scratch()
    }

    func append(_ bytes: some Collection<UInt8>) throws {
        buffer += bytes
        count += bytes.count
        if buffer.count >= 1 << 18 { try flush() }
    }

    private func flush() throws {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// The next bytes, up to so many; none after the last.
    func read(_ limit: Int) throws -> [UInt8] {
        if !buffer.isEmpty { try flush() }
        let bytes = try file.read(min(limit, count - position), at: position)
        position += bytes.count
        return bytes
    }

    /// Hands all bytes to `body`, part by part.
    func drain(_ body: ([UInt8]) throws -> Void) throws {
        while position < count { try body(read(1 << 18)) }
    }
}
