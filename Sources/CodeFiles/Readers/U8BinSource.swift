/// Codes in the format of big-ann-benchmarks: u32 count, u32 bytes of a code, then the codes; little-endian.
final class U8BinSource: FileSource {
    let path: String
    let layout: CodeLayout
    let hasBits: Bool
    let count: Int?
    private let rows: Int
    private let input: ByteInput
    private var row = 0

    init(_ input: ByteInput, options: CodeFileOptions) throws {
        let head = try input.read(8)
        guard head.count == 8 else {
            throw CodeFileError.truncated(path: input.path, expected: 8, found: head.count)
        }
        rows = head.number(at: 0, bytes: 4)
        path = input.path
        layout = try options.layout(bytes: head.number(at: 4, bytes: 4), path: path, order: .lsb)
        hasBits = options.bitOrder != nil || options.padding != nil
        count = rows
        self.input = input
        try input.checkLength(after: head.count, is: rows * layout.byteCount)
    }

    func read(upTo count: Int) throws -> CodeBatch? {
        let batch = min(count, rows - row)
        guard batch > 0 else { return nil }
        let size = layout.byteCount
        let bytes = try input.read(batch * size)
        guard bytes.count == batch * size else {
            throw CodeFileError.truncated(path: path, expected: rows * size, found: row * size + bytes.count)
        }
        row += batch
        if row == rows, try !input.peek(1).isEmpty { throw CodeFileError.trailingBytes(path: path) }
        return CodeBatch(packedCodes: bytes)
    }
}
