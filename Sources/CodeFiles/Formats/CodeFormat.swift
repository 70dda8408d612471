/// The kinds of files that codes come in.
public enum CodeFormat: String, CaseIterable, Sendable {
    /// An array of NumPy.
    case npy
    /// Arrays of NumPy in a ZIP archive.
    case npz
    /// Count and bytes of a code, then packed codes (big-ann-benchmarks; usearch's `.bbin` is the same).
    case u8bin
    /// Each code after the number of its bytes (the TEXMEX corpus).
    case bvecs
    /// A flat binary index of faiss, with or without ids.
    case faiss
    /// Ids and codes in blocks, with an end that tells whether all is there: what programs hand to each other.
    case records
    /// A code a line in hexadecimal, and perhaps a text after a comma; `hash=…` and `pdq …` too.
    case hex
    /// Columns with tabs between them.
    case tsv
    /// Columns with commas between them, quoted as in RFC 4180.
    case csv
    /// A JSON object a line.
    case jsonl
    /// A code a line as digits 0 and 1 (pgvector's `bit`).
    case bits

    /// Whether codes can be written in it.
    public var isWritable: Bool { self != .faiss }

    /// Whether a file of it is lines of text.
    public var isText: Bool {
        switch self {
        case .hex, .tsv, .csv, .jsonl, .bits: true
        case .npy, .npz, .u8bin, .bvecs, .faiss, .records: false
        }
    }

    /// The endings of file names that tell the format, without dots.
    public var suffixes: [String] {
        switch self {
        case .npy: ["npy"]
        case .npz: ["npz"]
        case .u8bin: ["u8bin", "bbin"]
        case .bvecs: ["bvecs"]
        case .faiss: ["faiss", "faissindex"]
        case .records: ["records"]
        case .hex: ["hex", "pdq"]
        case .tsv: ["tsv", "tab"]
        case .csv: ["csv"]
        case .jsonl: ["jsonl", "ndjson"]
        case .bits: ["bits"]
        }
    }

    /// What it is, in a few words for people.
    public var summary: String {
        switch self {
        case .npy: "NumPy array: uint8 (codes, bytes), bool (codes, bits), whole numbers (codes,) or (codes, words)"
        case .npz: "the same in an archive, stored or deflated, with ids"
        case .u8bin: "big-ann-benchmarks: count, bytes of a code, codes; usearch's .bbin too"
        case .bvecs: "TEXMEX: each code after the number of its bytes"
        case .faiss: "faiss IndexBinaryFlat, also in an IndexBinaryIDMap or IDMap2"
        case .records: "for pipes: blocks of a u32 n and n × (u64 id, code); n = 0 ends"
        case .hex: "a hexadecimal code a line, or CODE,TEXT; hash=CODE,TEXT; pdq CODE"
        case .tsv: "tab-separated: TEXT, CODE"
        case .csv: "comma-separated (RFC 4180), with or without a line of names"
        case .jsonl: "a JSON object a line, such as dump --json prints"
        case .bits: "a code a line as 0s and 1s (pgvector), or columns with tabs"
        }
    }

    /// The format that a path's ending names.
    public init?(path: String) {
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
        let suffix = path[dot...].dropFirst().lowercased()
        guard let format = Self.allCases.first(where: { $0.suffixes.contains(suffix) }) else { return nil }
        self = format
    }

    /// The format that the first bytes of a file tell; text that may be several things is the first of them that fits:
    /// columns with tabs, hexadecimal lines, columns with commas.
    init(firstBytes bytes: ArraySlice<UInt8>) {
        if bytes.starts(with: NPYHeader.magic) {
            self = .npy
        } else if bytes.starts(with: [0x50, 0x4b, 3, 4]) || bytes.starts(with: [0x50, 0x4b, 5, 6]) {
            self = .npz
        } else if FaissHeader.isFaiss(bytes) {
            self = .faiss
        } else {
            let lines = bytes.split(separator: 0x0a)
            let line = lines.first { $0.first != UInt8(ascii: "#") } ?? []
            if line.first == UInt8(ascii: "{") {
                self = .jsonl
            } else if line.contains(0x09) {
                self = .tsv
            } else if line.contains(UInt8(ascii: ",")), !HexLine.begins(line) {
                self = .csv
            } else {
                self = .hex
            }
        }
    }
}

/// How a text writes a code.
public enum CodeNotation: String, CaseIterable, Sendable {
    /// Hexadecimal digits, two for each byte.
    case hex
    /// A digit 0 or 1 for each bit.
    case bits
}

/// What is to be known about a file of codes that it does not say itself.
public struct CodeFileOptions: Hashable, Sendable {
    /// The format; nil: as the ending of the name or, in reading, the first bytes say.
    public var format: CodeFormat?
    /// The bits of a code that mean something; nil: all that the file has.
    public var bitCount: Int?
    /// Which bit of a byte is first. Nil leaves bytes as they are; see `CodeImport`.
    public var bitOrder: BitOrder?
    /// Where a code is filled up to whole bytes; nil: as the format has it.
    public var padding: BitPadding?
    /// How texts write codes; nil: in hexadecimal, but in `bits`.
    public var notation: CodeNotation?
    /// The column of a text that holds the code: its name, or its number from 1; in JSON the member; in `npz` the array.
    public var codeColumn: String?
    /// The column of the text that is kept beside a code.
    public var nameColumn: String?
    /// The column of the id; in `npz` the array.
    public var idColumn: String?

    /// Nothing is known.
    public init() {}
}
