/// Codes in the format of the TEXMEX corpus: each is an i32, the number of its bytes, and the bytes; little-endian.
final class BVecsSource: FileSource {
    let path: String
    let layout: CodeLayout
    let hasBits: Bool
    let count: Int?
    private let input: ByteInput
    private var row = 0

    init(_ input: ByteInput, options: CodeFileOptions) throws {
        path = input.path
        let head = Array(try input.peek(4))
        guard head.count == 4 else {
            throw CodeFileError.unsupported(
                path: path, reason: head.isEmpty ? "an empty .bvecs file, which tells no width" : "cut off .bvecs file")
        }
        layout = try options.layout(bytes: head.number(at: 0, bytes: 4), path: path, order: .lsb)
        hasBits = options.bitOrder != nil || options.padding != nil
        self.input = input
        if let length = input.length {
            let stride = 4 + layout.byteCount
            guard length % stride == 0 else {
                throw CodeFileError.unsupported(
                    path: path,
                    reason:
                        "\(length) bytes are no whole number of codes of \(layout.byteCount) bytes; cut off, or no .bvecs file"
                )
            }
            count = length / stride
        } else {
            count = nil
        }
    }

    func read(upTo count: Int) throws -> CodeBatch? {
        let stride = 4 + layout.byteCount
        let bytes = try input.read(count * stride)
        guard !bytes.isEmpty else { return nil }
        guard bytes.count % stride == 0 else {
            throw CodeFileError.unsupported(path: path, reason: "cut off within row \(row + bytes.count / stride)")
        }
        var codes: [UInt8] = []
        codes.reserveCapacity(bytes.count)
        for start in Swift.stride(from: 0, to: bytes.count, by: stride) {
            let size = bytes.number(at: start, bytes: 4)
            guard size == layout.byteCount else {
                throw CodeFileError.unsupported(
                    path: path, reason: "row \(row) has \(size) bytes and the first \(layout.byteCount)")
            }
            codes += bytes[start + 4..<start + stride]
            row += 1
        }
        return CodeBatch(packedCodes: codes)
    }
}
