/// Writes packed codes to an `.npy` file part by part; the file appears under its name when `finish()` returns.
public struct CodeWriter: ~Copyable {
    private var rows: NPYWriter

    /// Opens a file for `count` codes of `bitWidth` bits (a multiple of 8).
    public init(path: String, count: Int, bitWidth: Int) throws {
        rows = try NPYWriter(
            path: path,
            header: NPYHeader(elementType: "|u1", shape: [count, bitWidth / 8]),
            elementBytes: 1
        )
    }

    /// Appends codes, back to back.
    public mutating func append(_ codes: [UInt8]) throws {
        try rows.append(codes)
    }

    /// Ends the file; all codes must have been appended.
    public mutating func finish() throws {
        try rows.finish()
    }
}

/// Writes ids to an `.npy` file (`<u8`, one dimension) part by part; it appears under its name when `finish()` returns.
public struct IDWriter: ~Copyable {
    private var rows: NPYWriter

    /// Opens a file for `count` ids.
    public init(path: String, count: Int) throws {
        rows = try NPYWriter(path: path, header: NPYHeader(elementType: "<u8", shape: [count]), elementBytes: 8)
    }

    /// Appends ids.
    public mutating func append(_ ids: [UInt64]) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * ids.count)
        for id in ids {
            withUnsafeBytes(of: id.littleEndian) { bytes += $0 }
        }
        try rows.append(bytes)
    }

    /// Ends the file; all ids must have been appended.
    public mutating func finish() throws {
        try rows.finish()
    }
}
