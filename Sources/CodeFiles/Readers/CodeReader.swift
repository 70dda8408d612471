/// Reads packed codes from an `.npy` file in bounded memory: elements `|u1`, shape (codes, bytes of a code), C order.
///
/// Bit i of a code is bit i mod 8 of byte i div 8, as everywhere in this package (`numpy.packbits(…, bitorder="little")`);
/// distances are the same for any other order of the bits.
///
///     var reader = try CodeReader(path: "codes.npy")
///     while let bytes = try reader.next(upTo: 4096) { … }      // reader.codeBytes bytes a code
public struct CodeReader: ~Copyable {
    private var rows: NPYReader

    /// Opens a file; throws `CodeFileError` where it is no array of codes or shorter than its header says.
    public init(path: String) throws {
        rows = try NPYReader(ByteInput(path: path)) { header in
            guard header.shape.count == 2, ["|u1", "u1", "<u1", ">u1"].contains(header.elementType) else {
                throw CodeFileError.unsupported(
                    path: path,
                    reason: "holds '\(header.elementType)' of shape \(header.shapeText); "
                        + "codes are '|u1' (uint8) of shape (codes, bytes of a code)"
                )
            }
            guard (1...128).contains(header.shape[1]) else {
                throw CodeFileError.unsupported(
                    path: path,
                    reason: "holds codes of \(header.shape[1]) bytes; a code has 1 to 128 bytes (8 to 1024 bits)"
                )
            }
            return header.shape[1]
        }
    }

    /// The number of codes in the file.
    public var count: Int { rows.rowCount }

    /// Bytes of one code.
    public var codeBytes: Int { rows.rowBytes }

    /// Bits of one code.
    public var bitWidth: Int { 8 * rows.rowBytes }

    /// The next codes back to back, `limit` of them at most; nil after the last. A limit below 1 counts as 1.
    public mutating func next(upTo limit: Int) throws -> [UInt8]? {
        try rows.next(upTo: limit)
    }
}
