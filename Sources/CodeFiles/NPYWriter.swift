#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes an `.npy` array of known shape part by part; a file appears under its name only when it is whole.
///
/// A name that stands for something else than a regular file (a pipe, a device, a link) is written to directly.
struct NPYWriter: ~Copyable {
    private let file: Descriptor
    private let path: String
    private let temporaryPath: String?
    private var remaining: Int
    private var isFinished = false

    /// Opens the file and writes its header; `elementBytes` is the size of one element.
    init(path: String, header: NPYHeader, elementBytes: Int) throws {
        var status = stat()
        let isSpecial = lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
        let temporaryPath = isSpecial ? nil : "\(path).partial-\(getpid())"
        let file = try Descriptor(writing: temporaryPath ?? path, named: path)
        do {
            try file.write(header.bytes)
        } catch {
            if let temporaryPath { unlink(temporaryPath) }
            throw error
        }
        self.path = path
        self.temporaryPath = temporaryPath
        self.file = file
        remaining = (header.elementCount ?? 0) * elementBytes
    }

    deinit {
        if let temporaryPath, !isFinished { unlink(temporaryPath) }
    }

    /// Appends a part of the data.
    mutating func append(_ bytes: [UInt8]) throws {
        precondition(bytes.count <= remaining, "more data than the header announced")
        remaining -= bytes.count
        try file.write(bytes)
    }

    /// Ends the file: on the disk, and under its name.
    mutating func finish() throws {
        precondition(remaining == 0, "less data than the header announced")
        if let temporaryPath {
            try file.synchronize()
            guard rename(temporaryPath, path) == 0 else { throw CodeFileError.last(path) }
        }
        isFinished = true
    }
}
