/// Codes that follow one another in a file, with what it says of them.
public struct CodeBatch: Hashable, Sendable {
    /// The codes, back to back.
    public var packedCodes: [UInt8]
    /// As many ids, if the file has ids.
    public var ids: [UInt64]?
    /// As many texts, if the file has any; an empty one is none.
    public var names: [[UInt8]]?

    /// A batch of these parts.
    public init(packedCodes: [UInt8], ids: [UInt64]? = nil, names: [[UInt8]]? = nil) {
        self.packedCodes = packedCodes
        self.ids = ids
        self.names = names
    }
}

/// A file of codes that is read from front to back, in memory that does not grow with it; `CodeFile.open` makes them.
public protocol CodeSource: AnyObject {
    /// What errors call the file.
    var path: String { get }
    /// How the bits of the codes lie that `next(upTo:)` gives.
    var layout: CodeLayout { get }
    /// Whether the file has bits of its own, so that a store of another layout gets them rearranged, not its bytes as they are.
    var hasBits: Bool { get }
    /// The number of codes; nil where only the end of the file tells.
    var count: Int? { get }
    /// The next codes, `limit` of them at most; nil after the last.
    ///
    /// A limit below 1 counts as 1, and one above 2^20 as that.
    ///
    /// - Throws: `CodeFileError`.
    func next(upTo limit: Int) throws -> CodeBatch?
}

/// The sources of this library, whose limits are bounded in one place.
protocol FileSource: CodeSource {
    /// The next codes, `count` of them at most, which is 1 to 2^20; nil after the last.
    func read(upTo count: Int) throws -> CodeBatch?
}

extension FileSource {
    func next(upTo limit: Int) throws -> CodeBatch? {
        try read(upTo: min(max(limit, 1), 1 << 20))
    }
}

/// Files of codes of any format.
public enum CodeFile {
    /// Opens a file of codes and reads as much as tells their width.
    ///
    /// - Parameters:
    ///   - path: the file; `-` is standard input.
    ///   - options: what is known about it. Without a format, the name's ending tells it or else the first bytes.
    /// - Throws: `CodeFileError`; `HashDBError.invalidWidth` for a `bitCount` that no code has.
    public static func open(_ path: String, options: CodeFileOptions = CodeFileOptions()) throws -> any CodeSource {
        let input = try ByteInput(path: path)
        let known = options.format ?? CodeFormat(path: path)
        let format = try known ?? CodeFormat(firstBytes: input.peek(4096))
        switch format {
        case .npy: return try NPYSource(input, options: options)
        case .npz: return try NPZSource(input, options: options)
        case .u8bin: return try U8BinSource(input, options: options)
        case .bvecs: return try BVecsSource(input, options: options)
        case .faiss: return try FaissSource(input, options: options)
        case .records: return try RecordsSource(input, options: options)
        case .hex, .tsv, .csv, .jsonl, .bits: return try TextSource(input, format: format, options: options)
        }
    }
}

extension CodeFileOptions {
    /// The layout of packed codes of so many bytes.
    func layout(bytes: Int, path: String, order: BitOrder, padding: BitPadding = .right) throws -> CodeLayout {
        guard (1...128).contains(bytes) else {
            throw CodeFileError.unsupported(
                path: path, reason: "holds codes of \(bytes) bytes; a code has 1 to 128 bytes (8 to 1024 bits)")
        }
        let layout = try CodeLayout(
            bitCount: bitCount ?? 8 * bytes, order: bitOrder ?? order, padding: self.padding ?? padding)
        guard layout.byteCount == bytes else {
            throw CodeFileError.unsupported(
                path: path, reason: "holds codes of \(8 * bytes) bits, not of \(layout.bitCount)")
        }
        return layout
    }
}
