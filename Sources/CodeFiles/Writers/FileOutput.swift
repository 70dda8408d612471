#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is written part by part and appears under its name only when it is whole; `-` is standard output.
///
/// A name that stands for a pipe, a device or an open file is written to directly. A store is never replaced.
final class FileOutput {
    /// What errors call it.
    let path: String
    /// Whether bytes may be written at any place, as a pipe does not allow it.
    var isRegular: Bool { temporaryPath != nil }
    private let file: Descriptor
    private let target: String
    private let temporaryPath: String?
    private var isFinished = false
    /// Bytes that are still to come; nil: any number.
    private var missing: Int?

    init(path: String) throws {
        let place = try OutputPlace(path)
        try place.check()
        if place.isReplaced {
            // A name that nobody can foresee, and so nothing lies in wait there.
            let name = "\(place.target).\(String(UInt64.random(in: 0 ... .max), radix: 16)).partial"
            file = try Descriptor(creating: name, named: path, permissions: place.permissions)
            temporaryPath = name
        } else if let open = OutputPlace.openDescriptor(path) {
            file = try Descriptor(sharing: open, named: path == "-" ? "standard output" : path)
            temporaryPath = nil
        } else {
            file = try Descriptor(writing: path)
            temporaryPath = nil
        }
        self.path = file.path
        target = place.target
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
            guard rename(temporaryPath, target) == 0 else { throw CodeFileError.last(path) }
        }
        isFinished = true
        missing = 0
    }

    private func mismatch(_ amount: String) -> CodeFileError {
        .unsupported(path: path, reason: "cannot be written: there is \(amount) data than was announced")
    }
}
