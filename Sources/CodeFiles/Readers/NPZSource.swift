/// Codes in an `.npz` archive: the array `codes`, or the first, and the array `ids` of as many, if there is one.
final class NPZSource: FileSource {
    private let codes: NPYSource
    private let ids: NPYIDs?

    var path: String { codes.path }
    var layout: CodeLayout { codes.layout }
    var hasBits: Bool { codes.hasBits }
    var count: Int? { codes.count }

    init(_ input: ByteInput, options: CodeFileOptions) throws {
        let archive = try ZipArchive(input)
        let arrays = archive.entries.filter { $0.name.hasSuffix(".npy") }
        func array(_ name: String) -> ZipArchive.Entry? { arrays.first { $0.name == name + ".npy" } }
        let names = arrays.prefix(20).map { shown($0.name.dropLast(4).utf8) }.joined(separator: ", ")
        guard let entry = options.codeColumn.map(array) ?? array("codes") ?? arrays.first else {
            let wanted = options.codeColumn.map { "no array \($0)" } ?? "no array"
            throw CodeFileError.unsupported(
                path: input.path, reason: "\(wanted) in the archive\(arrays.isEmpty ? "" : "; there are \(names)")")
        }
        codes = try NPYSource(archive.open(entry), options: options)
        if let wanted = options.idColumn, array(wanted) == nil {
            throw CodeFileError.unsupported(
                path: input.path, reason: "no array \(wanted) in the archive; there are \(names)")
        }
        ids = try array(options.idColumn ?? "ids").map { try NPYIDs(archive.open($0)) }
        if let ids, ids.count != codes.count {
            throw CodeFileError.countMismatch(
                path: ids.path, count: ids.count, otherPath: codes.path, otherCount: codes.count ?? 0)
        }
    }

    func read(upTo count: Int) throws -> CodeBatch? {
        guard var batch = try codes.read(upTo: count) else { return nil }
        batch.ids = try ids?.next(batch.packedCodes.count / layout.byteCount)
        return batch
    }
}

/// Ids in an `.npy` array that is a member of an archive.
private final class NPYIDs {
    let path: String
    let count: Int
    private let isSigned: Bool
    private let stream: any ByteStream
    private var given = 0

    init(_ stream: any ByteStream) throws {
        let header = try NPYHeader.read(path: stream.path) { try stream.read($0) }
        path = stream.path
        guard header.shape.count == 1, header.shape[0] <= NPYHeader.mostRows,
            ["<u8", "<i8"].contains(header.elementType)
        else {
            throw IDReader.unsupported(header, path: path)
        }
        self.stream = stream
        isSigned = header.elementType == "<i8"
        count = header.shape[0]
    }

    func next(_ batch: Int) throws -> [UInt64] {
        let bytes = try stream.read(8 * batch)
        guard bytes.count == 8 * batch else {
            throw CodeFileError.truncated(path: path, expected: 8 * count, found: 8 * given + bytes.count)
        }
        given += batch
        let ids = numbers(bytes)
        if isSigned, let negative = ids.first(where: { $0 > Int64.max }) {
            throw CodeFileError.unsupported(
                path: path, reason: "holds \(Int64(bitPattern: negative)); ids are not negative")
        }
        return ids
    }
}
