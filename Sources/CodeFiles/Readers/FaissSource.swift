/// The part that all binary indexes of faiss begin with (`impl/index_write.cpp`, `write_index_binary_header`), after the four
/// letters of their kind: i32 bits, i32 bytes of a code, i64 count, u8 trained, i32 metric; little-endian.
struct FaissHeader {
    static let size = 25
    var kind: String
    var bitCount: Int
    var codeBytes: Int
    var count: Int

    /// The kinds of binary indexes, by their four letters.
    static let kinds = [
        "IBxF": "IndexBinaryFlat", "IBMp": "IndexBinaryIDMap", "IBM2": "IndexBinaryIDMap2", "IBwF": "IndexBinaryIVF",
        "IBHf": "IndexBinaryHNSW", "IBHh": "IndexBinaryHash", "IBHm": "IndexBinaryMultiHash",
        "IBFf": "IndexBinaryFromFloat",
    ]

    static func isFaiss(_ bytes: ArraySlice<UInt8>) -> Bool {
        kinds.keys.contains { bytes.starts(with: $0.utf8) }
    }

    init(_ bytes: [UInt8], path: String) throws {
        kind = String(decoding: bytes.prefix(4), as: UTF8.self)
        guard let name = Self.kinds[kind] else {
            throw CodeFileError.unsupported(
                path: path, reason: "not a binary index of faiss (IBxF, IBMp or IBM2 come first in one)")
        }
        guard ["IBxF", "IBMp", "IBM2"].contains(kind) else {
            throw CodeFileError.unsupported(
                path: path,
                reason: "a \(name) of faiss; only IndexBinaryFlat and IDMaps of it are read: add the codes to one")
        }
        guard bytes.count == Self.size else {
            throw CodeFileError.truncated(path: path, expected: Self.size, found: bytes.count)
        }
        bitCount = bytes.number(at: 4, bytes: 4)
        codeBytes = bytes.number(at: 8, bytes: 4)
        count = bytes.number(at: 12, bytes: 8)
        guard (0...NPYHeader.mostRows).contains(count), bitCount == 8 * codeBytes else {
            throw CodeFileError.unsupported(
                path: path, reason: "damaged index: \(bitCount) bits in codes of \(codeBytes) bytes")
        }
    }
}

/// Codes in a flat binary index of faiss, and its ids where it is wrapped in a map of ids.
///
/// A flat index is the header, a u64 number of bytes and the codes. A map of ids is the header, the flat index, a u64 count and
/// as many i64 ids.
final class FaissSource: FileSource {
    let path: String
    let layout: CodeLayout
    let hasBits: Bool
    let count: Int?
    private let rows: Int
    private let input: ByteInput
    private let idOffset: Int?
    private var row = 0

    init(_ input: ByteInput, options: CodeFileOptions) throws {
        path = input.path
        self.input = input
        let outer = try FaissHeader(input.read(FaissHeader.size), path: path)
        let isMap = outer.kind != "IBxF"
        let flat = isMap ? try FaissHeader(input.read(FaissHeader.size), path: path) : outer
        guard flat.kind == "IBxF", outer.count == flat.count else {
            throw CodeFileError.unsupported(path: path, reason: "a map of ids over something else than a flat index")
        }
        layout = try options.layout(bytes: flat.codeBytes, path: path, order: .lsb)
        hasBits = options.bitOrder != nil || options.padding != nil
        rows = flat.count
        count = rows
        let size = try input.read(8).number(at: 0, bytes: 8)
        let dataBytes = rows * layout.byteCount
        guard size == dataBytes else {
            throw CodeFileError.unsupported(
                path: path,
                reason: "damaged index: \(size) bytes of codes where \(rows) of \(flat.codeBytes) are announced")
        }
        let start = (isMap ? 2 : 1) * FaissHeader.size + 8
        try input.checkLength(after: start, is: isMap ? dataBytes + 8 + 8 * rows : dataBytes)
        idOffset = isMap ? start + dataBytes + 8 : nil
        if let idOffset {
            guard input.length != nil else {
                throw CodeFileError.unsupported(
                    path: path, reason: "an index with ids is read from both ends; give a file, not a pipe")
            }
            guard try input.read(8, at: idOffset - 8).number(at: 0, bytes: 8) == rows else {
                throw CodeFileError.unsupported(path: path, reason: "damaged index: not as many ids as codes")
            }
        }
    }

    func read(upTo count: Int) throws -> CodeBatch? {
        let batch = min(count, rows - row)
        guard batch > 0 else { return nil }
        let size = layout.byteCount
        let codes = try input.read(batch * size)
        guard codes.count == batch * size else {
            throw CodeFileError.truncated(path: path, expected: rows * size, found: row * size + codes.count)
        }
        var ids: [UInt64]?
        if let idOffset {
            let given = numbers(try input.read(8 * batch, at: idOffset + 8 * row))
            if let negative = given.firstIndex(where: { $0 > Int64.max }) {
                throw CodeFileError.unsupported(
                    path: path,
                    reason:
                        "the id of row \(row + negative) is \(Int64(bitPattern: given[negative])); ids are not negative"
                )
            }
            guard given.count == batch else {
                throw CodeFileError.truncated(path: path, expected: 8 * rows, found: 8 * (row + given.count))
            }
            ids = given
        }
        row += batch
        if row == rows, idOffset == nil, try !input.peek(1).isEmpty { throw CodeFileError.trailingBytes(path: path) }
        return CodeBatch(packedCodes: codes, ids: ids)
    }
}
