import HashDB

/// Writes packed codes to an `.npy` file part by part; the file appears under its name when `finish()` returns.
public struct CodeWriter: ~Copyable {
    private let file: FileOutput

    /// Opens a file for `count` codes of `bitWidth` bits (a multiple of 8).
    ///
    /// - Throws: `CodeFileError`, also for numbers that no such file has; `HashDBError.invalidWidth`.
    public init(path: String, count: Int, bitWidth: Int) throws {
        guard BinaryCode.widths.contains(bitWidth), bitWidth.isMultiple(of: 8) else {
            throw HashDBError.invalidWidth(bitWidth)
        }
        file = try FileOutput(codes: path, count: count, codeBytes: bitWidth / 8)
    }

    /// Appends codes, back to back.
    ///
    /// - Throws: `CodeFileError`, also for more codes than were announced.
    public mutating func append(_ codes: [UInt8]) throws {
        try file.append(codes)
    }

    /// Ends the file; all codes must have been appended.
    ///
    /// - Throws: `CodeFileError`, also for fewer codes than were announced.
    public mutating func finish() throws {
        try file.finish()
    }
}

/// Writes ids to an `.npy` file (`<u8`, one dimension) part by part; it appears under its name when `finish()` returns.
public struct IDWriter: ~Copyable {
    private let file: FileOutput

    /// Opens a file for `count` ids.
    ///
    /// - Throws: `CodeFileError`, also for a number that no such file has.
    public init(path: String, count: Int) throws {
        file = try FileOutput(path: path, header: NPYHeader(elementType: "<u8", shape: [count]), rowBytes: 8)
    }

    /// Appends ids.
    ///
    /// - Throws: `CodeFileError`, also for more ids than were announced.
    public mutating func append(_ ids: [UInt64]) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * ids.count)
        for id in ids {
            withUnsafeBytes(of: id.littleEndian) { bytes += $0 }
        }
        try file.append(bytes)
    }

    /// Ends the file; all ids must have been appended.
    ///
    /// - Throws: `CodeFileError`, also for fewer ids than were announced.
    public mutating func finish() throws {
        try file.finish()
    }
}

extension FileOutput {
    /// Opens an `.npy` file for the rows that its header announces, each of `rowBytes` bytes.
    convenience init(path: String, header: NPYHeader, rowBytes: Int) throws {
        try self.init(path: path, head: header.bytes(path: path), rows: header.shape.first ?? 0, rowBytes: rowBytes)
    }

    /// Opens an `.npy` file for packed codes.
    convenience init(codes path: String, count: Int, codeBytes: Int) throws {
        let header = NPYHeader(elementType: "|u1", shape: [count, codeBytes])
        try self.init(path: path, header: header, rowBytes: codeBytes)
    }
}
