/// Codes in an `.npz` archive: the array `codes`, or the first, and the array `ids` of as many, if there is one.
final class NPZSource: FileSource {
    private let codes: NPYSource
    private var ids: IDReader?

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
        guard let entry = array(options.idColumn ?? "ids") else { return }
        let reader = try IDReader(archive.open(entry))
        guard reader.count == codes.count else {
            throw CodeFileError.countMismatch(
                path: reader.path, count: reader.count, otherPath: codes.path, otherCount: codes.count ?? 0)
        }
        ids = consume reader
    }

    func read(upTo count: Int) throws -> CodeBatch? {
        guard var batch = try codes.read(upTo: count) else { return nil }
        batch.ids = try ids?.next(upTo: batch.packedCodes.count / layout.byteCount)
        return batch
    }
}
