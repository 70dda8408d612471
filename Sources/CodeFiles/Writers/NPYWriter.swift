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
    mutating func append(_ bytes: [UInt8]) throws {
        precondition(bytes.count <= remaining, "more data than the header announced")
        remaining -= bytes.count
        try file.append(bytes)
    }

    /// Ends the file: on the disk, and under its name.
    mutating func finish() throws {
        precondition(remaining == 0, "less data than the header announced")
        try file.finish()
    }
}
