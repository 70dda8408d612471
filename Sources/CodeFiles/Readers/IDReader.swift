/// Reads ids from an `.npy` file in bounded memory: elements `<u8` or, from NumPy's default integers, `<i8`; one dimension.
public struct IDReader: ~Copyable {
    private var rows: NPYReader

    /// Opens a file; throws `CodeFileError` where it is no array of ids or shorter than its header says.
    public init(path: String) throws {
        try self.init(ByteInput(path: path))
    }

    /// Reads a file, or a member of an archive.
    init(_ stream: any ByteStream) throws {
        rows = try NPYReader(stream) { header in
            guard header.shape.count == 1, ["<u8", "<i8"].contains(header.elementType) else {
                throw CodeFileError.unsupported(
                    path: stream.path,
                    reason: "holds '\(header.elementType)' of shape \(header.shapeText); "
                        + "ids are '<u8' (uint64) or '<i8' (int64) of one dimension"
                )
            }
            return 8
        }
    }

    /// What errors call it.
    var path: String { rows.path }

    /// The number of ids in the file.
    public var count: Int { rows.rowCount }

    /// The next ids, `limit` of them at most; nil after the last. A limit below 1 counts as 1. Throws for a negative id.
    public mutating func next(upTo limit: Int) throws -> [UInt64]? {
        let first = rows.rowsRead
        guard let bytes = try rows.next(upTo: limit) else { return nil }
        let ids = numbers(bytes)
        if rows.header.elementType == "<i8", let negative = ids.firstIndex(where: { $0 > Int64.max }) {
            throw CodeFileError.unsupported(
                path: path,
                reason: "row \(first + negative) is \(Int64(bitPattern: ids[negative])); ids are not negative"
            )
        }
        return ids
    }
}
