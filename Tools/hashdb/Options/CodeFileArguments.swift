import ArgumentParser
import CodeFiles
import HashDB

/// What the command line says of a file of codes.
struct CodeFileArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The format: npy, npz, u8bin, bvecs, faiss, records, hex, tsv, csv, jsonl or bits; default: by the file's name or its first bytes.",
            valueName: "format"))
    var format: CodeFormat?

    @Option(help: ArgumentHelp("The bits of a code, 1 to 1024; default: all that the file has.", valueName: "q"))
    var bits: Int?

    @Option(
        help: ArgumentHelp(
            "Which bit of a byte is the first: msb (NumPy's packbits, imagehash, pgvector) or lsb (faiss, sqlite-vec); default: as the store has recorded, for an empty one msb of text and lsb of bytes.",
            valueName: "order"))
    var bitOrder: BitOrder?

    @Option(
        help: ArgumentHelp(
            "Where codes are filled up to whole bytes: left (imagehash) or right (packbits); default: as the store has recorded, for an empty one left of hexadecimal and right of all else.",
            valueName: "side"))
    var padding: BitPadding?

    @Option(
        help: ArgumentHelp(
            "How text writes a code: hex or bits (0 and 1); default: bits in the format bits, else hex.",
            valueName: "notation"))
    var notation: CodeNotation?

    func validate() throws {
        if let bits, !(1...1024).contains(bits) { throw ValidationError("--bits \(bits): a code has 1 to 1024 bits") }
    }

    /// The same for the library.
    var options: CodeFileOptions {
        var options = CodeFileOptions()
        options.format = format
        options.bitCount = bits
        options.bitOrder = bitOrder
        options.padding = padding
        options.notation = notation
        return options
    }
}

extension CodeFormat: ExpressibleByArgument {}
extension BitOrder: ExpressibleByArgument {}
extension BitPadding: ExpressibleByArgument {}
extension CodeNotation: ExpressibleByArgument {}

/// Columns by their names, with commas between them.
struct ColumnList: ExpressibleByArgument {
    let columns: [CodeColumn]

    init?(argument: String) {
        let columns = argument.split(separator: ",", omittingEmptySubsequences: false)
            .map { CodeColumn(rawValue: String($0)) }
        guard !columns.contains(nil), Set(columns).count == columns.count else { return nil }
        self.columns = columns.compactMap { $0 }
    }
}
