/// Packed codes as an `.npy` array `|u1` of shape (codes, bytes of a code).
final class NPYSink: CodeSink {
    private var writer: NPYWriter

    init(_ path: String, count: Int, layout: CodeLayout) throws {
        let header = NPYHeader(elementType: "|u1", shape: [count, layout.byteCount])
        writer = try NPYWriter(path: path, header: header, elementBytes: 1)
    }

    func append(_ batch: CodeBatch) throws {
        try writer.append(batch.packedCodes)
    }

    func finish() throws {
        try writer.finish()
    }
}

/// Packed codes in the format of big-ann-benchmarks: u32 count, u32 bytes of a code, then the codes; little-endian.
final class U8BinSink: CodeSink {
    private let file: FileOutput

    init(_ path: String, count: Int, layout: CodeLayout) throws {
        guard let number = UInt32(exactly: count) else {
            throw CodeFileError.unsupported(path: path, reason: "\(count) codes are more than a .u8bin file can count")
        }
        file = try FileOutput(path: path)
        try file.append(littleEndian(number) + littleEndian(UInt32(layout.byteCount)))
    }

    func append(_ batch: CodeBatch) throws {
        try file.append(batch.packedCodes)
    }

    func finish() throws {
        try file.finish()
    }
}

/// Packed codes in the format of the TEXMEX corpus: each after an i32, the number of its bytes; little-endian.
final class BVecsSink: CodeSink {
    private let file: FileOutput
    private let size: Int

    init(_ path: String, layout: CodeLayout) throws {
        file = try FileOutput(path: path)
        size = layout.byteCount
    }

    func append(_ batch: CodeBatch) throws {
        let head = littleEndian(Int32(size))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(batch.packedCodes.count / size * (size + 4))
        for start in stride(from: 0, to: batch.packedCodes.count, by: size) {
            bytes += head
            bytes += batch.packedCodes[start..<start + size]
        }
        try file.append(bytes)
    }

    func finish() throws {
        try file.finish()
    }
}

/// Ids and codes in blocks, as `RecordsSource` reads them.
final class RecordsSink: CodeSink {
    private let file: FileOutput
    private let size: Int

    init(_ path: String, layout: CodeLayout) throws {
        file = try FileOutput(path: path)
        size = layout.byteCount
    }

    func append(_ batch: CodeBatch) throws {
        let ids = batch.ids ?? []
        guard !ids.isEmpty else { return }
        var bytes = littleEndian(UInt32(ids.count))
        bytes.reserveCapacity(4 + ids.count * (8 + size))
        for (index, id) in ids.enumerated() {
            bytes += littleEndian(id)
            bytes += batch.packedCodes[index * size..<(index + 1) * size]
        }
        try file.append(bytes)
    }

    func finish() throws {
        try file.append(littleEndian(UInt32(0)))
        try file.finish()
    }
}
