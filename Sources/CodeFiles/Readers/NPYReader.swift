/// Reads an `.npy` array row by row in bounded memory; its size, where it is known, is checked against the header before the first row.
///
///     var reader = try NPYReader(ByteInput(path: "codes.npy")) { header in … }
///     while let rows = try reader.next(upTo: 4096) { … }
struct NPYReader: ~Copyable {
    let header: NPYHeader
    /// The first dimension.
    let rowCount: Int
    /// Bytes of one row.
    let rowBytes: Int
    private(set) var rowsRead = 0
    private let stream: any ByteStream

    /// What errors call it.
    var path: String { stream.path }

    /// Begins to read; `rowBytes` checks the header and returns the bytes of one row.
    init(_ stream: any ByteStream, rowBytes check: (NPYHeader) throws -> Int) throws {
        let (header, headerBytes) = try NPYHeader.read(from: stream)
        // In one dimension it is no other order.
        guard !header.isFortranOrder || header.shape.count < 2 else {
            throw CodeFileError.unsupported(
                path: stream.path,
                reason: "the array is in Fortran order; save it in C order (numpy.ascontiguousarray)"
            )
        }
        let rowBytes = try check(header)
        let rowCount = header.shape.first ?? 0
        let (dataBytes, overflow) = rowCount.multipliedReportingOverflow(by: rowBytes)
        guard !overflow else {
            throw CodeFileError.malformed(path: stream.path, reason: "shape \(header.shapeText) is out of reason")
        }
        try stream.checkLength(after: headerBytes, is: dataBytes)
        self.header = header
        self.rowBytes = rowBytes
        self.rowCount = rowCount
        self.stream = stream
    }

    /// The next rows, `limit` at most and one at least; nil after the last.
    mutating func next(upTo limit: Int) throws -> [UInt8]? {
        let rows = min(max(limit, 1), rowCount - rowsRead)
        guard rows > 0 else { return nil }
        let bytes = try stream.read(rows * rowBytes)
        guard bytes.count == rows * rowBytes else {
            throw CodeFileError.truncated(
                path: path,
                expected: rowCount * rowBytes,
                found: rowsRead * rowBytes + bytes.count
            )
        }
        rowsRead += rows
        if rowsRead == rowCount, stream.length == nil {
            guard try stream.read(1).isEmpty else { throw CodeFileError.trailingBytes(path: path) }
        }
        return bytes
    }
}
