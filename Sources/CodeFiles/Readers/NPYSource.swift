/// Codes in an `.npy` array, in whichever of these ways:
///
///     |u1  (codes, bytes)          packed codes
///     |i1  (codes, bytes)          packed codes less 128, the "binary" of sentence-transformers
///     |b1  (codes, bits)           a bit an element
///     <u2 <u4 <u8 <i2 <i4 <i8      whole numbers, (codes,) or (codes, words); bit i is bit i mod w of word i div w
///     >u2 … >i8                    the same in the other byte order
///
/// Arrays in Fortran order are read too, from files (not from pipes, nor archives).
final class NPYSource: FileSource {
    private enum Kind {
        case packed, offset, bits
        case words(size: Int, isSwapped: Bool)
    }

    let path: String
    let layout: CodeLayout
    let hasBits: Bool
    let count: Int?
    private let rows: Int
    private let kind: Kind
    private let header: NPYHeader
    private let dataOffset: Int
    private let stream: any ByteStream
    private var row = 0

    init(_ stream: any ByteStream, options: CodeFileOptions) throws {
        (header, dataOffset) = try NPYHeader.read(from: stream)
        path = stream.path
        self.stream = stream
        let (kind, elementBytes) = try Self.kind(of: header, path: path)
        let width = header.shape.count == 2 ? header.shape[1] : 1
        if case .bits = kind {
            guard (1...1024).contains(width) else {
                throw CodeFileError.unsupported(
                    path: path, reason: "holds codes of \(width) bits; a code has 1 to 1024 bits")
            }
            layout = try CodeLayout(
                bitCount: width, order: options.bitOrder ?? .msb, padding: options.padding ?? .right)
            guard options.bitCount ?? width == width else {
                throw CodeFileError.unsupported(path: path, reason: "holds codes of \(width) bits")
            }
        } else {
            // A width out of reason must not overflow.
            layout = try options.layout(bytes: min(width, 1 << 20) * elementBytes, path: path, order: .lsb)
        }
        hasBits = if case .bits = kind { true } else { options.bitOrder != nil || options.padding != nil }
        self.kind = kind
        rows = header.shape[0]
        count = rows
        guard rows <= NPYHeader.mostRows else {
            throw CodeFileError.malformed(path: path, reason: "shape \(header.shapeText) is out of reason")
        }
        try stream.checkLength(after: dataOffset, is: rows * width * elementBytes)
        guard !header.isFortranOrder || width == 1 || (stream.length != nil && stream is ByteInput) else {
            throw CodeFileError.unsupported(
                path: path,
                reason:
                    "an array in Fortran order is read from a .npy file only; save it in C order (numpy.ascontiguousarray)"
            )
        }
    }

    private static func kind(of header: NPYHeader, path: String) throws -> (Kind, elementBytes: Int) {
        let type = header.elementType
        let dimensions = header.shape.count
        if dimensions == 2, ["|u1", "u1", "<u1", ">u1"].contains(type) { return (.packed, 1) }
        if dimensions == 2, ["|i1", "i1", "<i1", ">i1"].contains(type) { return (.offset, 1) }
        if dimensions == 2, ["|b1", "b1", "?", "|?"].contains(type) { return (.bits, 1) }
        if dimensions == 1 || dimensions == 2, let order = type.first, "<>".contains(order),
            let size = ["u2": 2, "u4": 4, "u8": 8, "i2": 2, "i4": 4, "i8": 8][type.dropFirst()]
        {
            return (.words(size: size, isSwapped: order == ">"), size)
        }
        throw CodeFileError.unsupported(
            path: path,
            reason:
                "holds '\(type)' of shape \(header.shapeText); codes are '|u1' (uint8) of shape (codes, bytes of a code), "
                + "'|b1' (bool) of shape (codes, bits), or whole numbers of shape (codes,) or (codes, words)")
    }

    private var elementBytes: Int { if case .words(let size, _) = kind { size } else { 1 } }
    private var rowBytes: Int { if case .bits = kind { layout.bitCount } else { layout.byteCount } }

    func read(upTo count: Int) throws -> CodeBatch? {
        let batch = min(count, rows - row)
        guard batch > 0 else { return nil }
        let bytes = try header.isFortranOrder ? columns(batch) : stream.read(batch * rowBytes)
        guard bytes.count == batch * rowBytes else {
            throw CodeFileError.truncated(
                path: path, expected: rows * rowBytes, found: row * rowBytes + bytes.count)
        }
        row += batch
        if row == rows, stream.length == nil {
            guard try stream.read(1).isEmpty else { throw CodeFileError.trailingBytes(path: path) }
        }
        return CodeBatch(packedCodes: packed(bytes))
    }

    /// The next rows of an array whose columns lie one after the other.
    private func columns(_ batch: Int) throws -> [UInt8] {
        let size = elementBytes
        let width = rowBytes / size
        guard width > 1, let input = stream as? ByteInput else { return try stream.read(batch * rowBytes) }
        var bytes = [UInt8](repeating: 0, count: batch * rowBytes)
        for column in 0..<width {
            let part = try input.read(batch * size, at: dataOffset + (column * rows + row) * size)
            guard part.count == batch * size else {
                throw CodeFileError.truncated(path: path, expected: rows * rowBytes, found: row * rowBytes)
            }
            for index in 0..<part.count {
                bytes[index / size * rowBytes + column * size + index % size] = part[index]
            }
        }
        return bytes
    }

    private func packed(_ bytes: [UInt8]) -> [UInt8] {
        switch kind {
        case .packed: return bytes
        case .offset: return bytes.map { $0 ^ 0x80 }
        case .words(_, false): return bytes
        case .words(let size, true):
            return bytes.indices.map { bytes[$0 / size * size + size - 1 - $0 % size] }
        case .bits:
            var codes: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: rowBytes) {
                layout.append(bits: bytes[start..<start + rowBytes].lazy.map { $0 != 0 }, to: &codes)
            }
            return codes
        }
    }
}
