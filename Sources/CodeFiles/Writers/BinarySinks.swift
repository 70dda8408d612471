/// Packed codes back to back, after a head that tells how many there are.
final class ArraySink: FileSink {
    let file: FileOutput
    let layout: CodeLayout

    /// An `.npy` array `|u1` of shape (codes, bytes of a code).
    init(npy path: String, count: Int, layout: CodeLayout) throws {
        file = try FileOutput(codes: path, count: count, codeBytes: layout.byteCount)
        self.layout = layout
    }

    /// The format of big-ann-benchmarks: u32 count, u32 bytes of a code, then the codes; little-endian.
    init(u8bin path: String, count: Int, layout: CodeLayout) throws {
        guard let number = UInt32(exactly: count) else {
            throw CodeFileError.unsupported(path: path, reason: "a .u8bin file cannot count \(count) codes")
        }
        let head = littleEndian(number) + littleEndian(UInt32(layout.byteCount))
        file = try FileOutput(path: path, head: head, rows: count, rowBytes: layout.byteCount)
        self.layout = layout
    }

    func write(_ batch: CodeBatch) throws {
        try file.append(batch.packedCodes)
    }
}

/// Packed codes in the format of the TEXMEX corpus: each after an i32, the number of its bytes; little-endian.
final class BVecsSink: FileSink {
    let file: FileOutput
    let layout: CodeLayout

    init(_ path: String, layout: CodeLayout) throws {
        file = try FileOutput(path: path)
        self.layout = layout
    }

    func write(_ batch: CodeBatch) throws {
        let size = layout.byteCount
        let head = littleEndian(Int32(size))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(batch.packedCodes.count / size * (size + 4))
        for start in stride(from: 0, to: batch.packedCodes.count, by: size) {
            bytes += head
            bytes += batch.packedCodes[start..<start + size]
        }
        try file.append(bytes)
    }
}

/// Ids and codes in blocks, as `RecordsSource` reads them.
final class RecordsSink: FileSink {
    let file: FileOutput
    let layout: CodeLayout
    let needsIDs = true

    init(_ path: String, layout: CodeLayout) throws {
        file = try FileOutput(path: path)
        self.layout = layout
    }

    func write(_ batch: CodeBatch) throws {
        let ids = batch.ids ?? []
        // A block of none would be the end.
        guard !ids.isEmpty else { return }
        let size = layout.byteCount
        var bytes = littleEndian(UInt32(ids.count))
        bytes.reserveCapacity(4 + ids.count * (8 + size))
        for (index, id) in ids.enumerated() {
            bytes += littleEndian(id)
            bytes += batch.packedCodes[index * size..<(index + 1) * size]
        }
        try file.append(bytes)
    }

    func end() throws {
        try file.append(littleEndian(UInt32(0)))
    }
}
