import HashDB

/// The codes of a file as a store holds them: of its width, in its order of bits, with its padding.
///
///     let codes = try StoreCodes("queries.hex", for: store)
///     while let batch = try codes.next(upTo: 4096) { … }
///
/// Files of bytes are taken as they are, unless the options say in which order their bits lie; digits of bits, booleans, and
/// hexadecimal numbers that do not fill whole bytes are rearranged.
public final class StoreCodes {
    /// How the bits of the codes lie that `next(upTo:)` gives.
    public let layout: CodeLayout
    /// The number of codes; nil where only the end of the file tells.
    public var count: Int? { source.count }
    private let source: any CodeSource
    private let conversion: LayoutConversion?
    private let mask: [UInt8]?
    private var row = 0

    /// Opens a file; see `CodeFile.open(_:options:)`.
    ///
    /// - Throws: `CodeFileError`, also where the codes are of another width than the store's; `HashDBError`.
    public convenience init(_ path: String, options: CodeFileOptions = CodeFileOptions(), for store: Store) throws {
        let layout = try store.read { try $0.codeLayout }
        try self.init(CodeFile.open(path, options: options), options: options, for: layout, of: store.path)
    }

    init(_ source: any CodeSource, options: CodeFileOptions, for layout: CodeLayout, of storePath: String) throws {
        let given = source.layout
        // Whole bytes of which nobody said how many bits count have as many as the store's.
        let isWhole = options.bitCount == nil && given.paddingBits == 0 && !source.hasBits
        guard given.storedWidth == layout.storedWidth, given.bitCount == layout.bitCount || isWhole else {
            throw CodeFileError.unsupported(
                path: source.path,
                reason: "holds codes of \(given.bitCount) bits, and \(storePath) codes of \(layout.bitCount) bits"
            )
        }
        self.source = source
        self.layout = layout
        conversion = source.hasBits ? LayoutConversion(from: given, to: layout) : nil
        mask = layout.paddingBits > 0 ? layout.mask : nil
    }

    /// The next codes, `limit` of them at most; nil after the last. Limits are those of `CodeSource.next(upTo:)`.
    ///
    /// - Throws: `CodeFileError`.
    public func next(upTo limit: Int) throws -> CodeBatch? {
        guard var batch = try source.next(upTo: limit) else { return nil }
        if let conversion { batch.packedCodes = conversion(batch.packedCodes) }
        if let mask { try check(batch.packedCodes, mask) }
        row += batch.packedCodes.count / layout.byteCount
        return batch
    }

    /// Filling that is not zero would change distances.
    private func check(_ codes: [UInt8], _ mask: [UInt8]) throws {
        for start in stride(from: 0, to: codes.count, by: mask.count) {
            for index in 0..<mask.count where codes[start + index] & ~mask[index] != 0 {
                throw CodeFileError.unsupported(
                    path: source.path,
                    reason: "the code of row \(row + start / mask.count) has more bits than \(layout)")
            }
        }
    }
}
