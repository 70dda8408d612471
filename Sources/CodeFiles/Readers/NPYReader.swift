/// Reads an `.npy` array row by row in bounded memory; the file's size is checked against its header before the first row.
///
///     var reader = try NPYReader(path: "codes.npy")
///     while let rows = try reader.next(upTo: 4096) { … }
struct NPYReader: ~Copyable {
    let header: NPYHeader
    /// The first dimension.
    let rowCount: Int
    /// Bytes of one row.
    let rowBytes: Int
    private(set) var rowsRead = 0
    private let file: Descriptor
    private let isRegular: Bool

    /// Opens `path`; `rowBytes` checks the header and returns the bytes of one row.
    init(path: String, rowBytes check: (NPYHeader) throws -> Int) throws {
        let file = try Descriptor(reading: path)
        let size = try file.regularSize()
        let (header, headerBytes) = try NPYHeader.read(from: file)
        guard !header.isFortranOrder else {
            throw CodeFileError.unsupported(
                path: path,
                reason: "the array is in Fortran order; save it in C order (numpy.ascontiguousarray)"
            )
        }
        let rowBytes = try check(header)
        let rowCount = header.shape.first ?? 0
        let (dataBytes, overflow) = rowCount.multipliedReportingOverflow(by: rowBytes)
        guard !overflow else {
            throw CodeFileError.malformed(path: path, reason: "shape \(header.shapeText) is out of reason")
        }
        if let size {
            let found = size - headerBytes
            guard found >= dataBytes else {
                throw CodeFileError.truncated(path: path, expected: dataBytes, found: found)
            }
            guard found == dataBytes else { throw CodeFileError.trailingBytes(path: path) }
        }
        self.header = header
        self.rowBytes = rowBytes
        self.rowCount = rowCount
        self.file = file
        isRegular = size != nil
    }

    /// The next rows, `limit` at most and one at least; nil after the last.
    mutating func next(upTo limit: Int) throws -> [UInt8]? {
        let rows = min(max(limit, 1), rowCount - rowsRead)
        guard rows > 0 else { return nil }
        let bytes = try file.read(rows * rowBytes)
        guard bytes.count == rows * rowBytes else {
            throw CodeFileError.truncated(
                path: file.path,
                expected: rowCount * rowBytes,
                found: rowsRead * rowBytes + bytes.count
            )
        }
        rowsRead += rows
        if rowsRead == rowCount, !isRegular {
            guard try file.read(1).isEmpty else { throw CodeFileError.trailingBytes(path: file.path) }
        }
        return bytes
    }
}
