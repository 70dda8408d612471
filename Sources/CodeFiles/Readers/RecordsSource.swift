/// Ids and codes in a stream that tells its end: blocks of a u32 number n and n records, each a u64 id and the bytes of a code; a block of none
/// is the end. Little-endian.
///
/// A stream that was cut off is so told from one that is whole, as a program needs to that reads from another.
final class RecordsSource: FileSource {
    let path: String
    let layout: CodeLayout
    let hasBits: Bool
    let count: Int? = nil
    private let input: ByteInput
    /// The records that are left of the block.
    private var rest = 0
    private var isAtEnd = false
    private var row = 0

    init(_ input: ByteInput, options: CodeFileOptions) throws {
        path = input.path
        guard let bits = options.bitCount else {
            throw CodeFileError.unsupported(
                path: path, reason: "records do not tell how wide codes are; give the number of bits")
        }
        layout = try options.layout(bytes: (max(0, min(bits, 1 << 20)) + 7) / 8, path: path, order: .lsb)
        hasBits = options.bitOrder != nil || options.padding != nil
        self.input = input
    }

    func read(upTo count: Int) throws -> CodeBatch? {
        while rest == 0 {
            if isAtEnd { return nil }
            let head = try input.read(4)
            guard head.count == 4 else { throw cutOff() }
            rest = head.number(at: 0, bytes: 4)
            isAtEnd = rest == 0
            if isAtEnd, try !input.peek(1).isEmpty { throw CodeFileError.trailingBytes(path: path) }
        }
        let count = min(count, rest)
        let size = 8 + layout.byteCount
        let bytes = try input.read(count * size)
        guard bytes.count == count * size else { throw cutOff(after: bytes.count / size) }
        var codes: [UInt8] = []
        var ids: [UInt8] = []
        codes.reserveCapacity(count * layout.byteCount)
        ids.reserveCapacity(8 * count)
        for start in stride(from: 0, to: bytes.count, by: size) {
            ids += bytes[start..<start + 8]
            codes += bytes[start + 8..<start + size]
        }
        rest -= count
        row += count
        return CodeBatch(packedCodes: codes, ids: numbers(ids))
    }

    private func cutOff(after more: Int = 0) -> CodeFileError {
        .unsupported(
            path: path, reason: "cut off after \(row + more) records: the number 0 that ends them is missing")
    }
}
