/// Writes an `.npy` array of known shape part by part; a file appears under its name only when it is whole.
struct NPYWriter: ~Copyable {
    private let file: FileOutput
    private var remaining: Int

    /// Opens the file and writes its header; `elementBytes` is the size of one element.
    init(path: String, header: NPYHeader, elementBytes: Int) throws {
        let file = try FileOutput(path: path)
        try file.append(header.bytes)
        self.file = file
        remaining = (header.elementCount ?? 0) * elementBytes
    }

    /// Appends a part of the data.
    ///
    /// - Throws: `CodeFileError`, also for more data than the header announced.
    mutating func append(_ bytes: [UInt8]) throws {
        guard bytes.count <= remaining else { throw mismatch("more") }
        remaining -= bytes.count
        try file.append(bytes)
    }

    /// Ends the file: on the disk, and under its name.
    ///
    /// - Throws: `CodeFileError`, also where there was less data than the header announced.
    mutating func finish() throws {
        guard remaining == 0 else { throw mismatch("less") }
        try file.finish()
    }

    private func mismatch(_ amount: String) -> CodeFileError {
        .unsupported(path: file.path, reason: "cannot be written: there is \(amount) data than its header announced")
    }
}
