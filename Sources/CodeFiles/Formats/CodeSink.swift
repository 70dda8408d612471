/// A file of codes that is written from front to back; it appears under its name when `finish()` returns.
public protocol CodeSink: AnyObject {
    /// Appends codes, with as many ids as codes; names where there are any.
    ///
    /// - Throws: `CodeFileError`, also for codes that are cut off, and for ids or names that are not as many.
    func append(_ batch: CodeBatch) throws
    /// Ends the file. All the codes that were announced must have been appended.
    ///
    /// - Throws: `CodeFileError`, also where they have not and the format tells their number.
    func finish() throws
}

/// What a text says of each item.
public enum CodeColumn: String, CaseIterable, Sendable {
    /// Its id.
    case id
    /// Its code.
    case code
    /// The text beside it.
    case name
}

extension CodeFile {
    /// Opens a file to write codes to.
    ///
    /// - Parameters:
    ///   - path: the file; `-` is standard output.
    ///   - count: the number of codes that will be appended.
    ///   - layout: how their bits lie; `padding` and `bitOrder` of the options do not count here.
    ///   - options: the format (default: as the ending says, `hex` for `-`) and the notation of texts.
    ///   - columns: what texts say, in this order; nil: what is usual in the format. `hex` has `code`, and perhaps `name` after it. `tsv` and
    ///     `bits` begin with a line of names where codes could not be found without.
    /// - Throws: `CodeFileError`; `unsupported` if neither the options nor the ending say which format it is to be.
    public static func create(
        _ path: String, count: Int, layout: CodeLayout, options: CodeFileOptions = CodeFileOptions(),
        columns: [CodeColumn]? = nil
    ) throws -> any CodeSink {
        let format = try Self.format(of: path, options)
        guard columns == nil || format.isText else {
            throw CodeFileError.unsupported(path: path, reason: "\(format.rawValue) files have no columns to choose")
        }
        switch format {
        case .npy: return try ArraySink(npy: path, count: count, layout: layout)
        case .npz: return try NPZSink(path, count: count, layout: layout)
        case .u8bin: return try ArraySink(u8bin: path, count: count, layout: layout)
        case .bvecs: return try BVecsSink(path, layout: layout)
        case .records: return try RecordsSink(path, layout: layout)
        case .hex, .tsv, .csv, .jsonl, .bits, .faiss:
            return try TextSink(path, format: format, layout: layout, notation: options.notation, columns: columns)
        }
    }

    /// The format of a file that is to be written.
    static func format(of path: String, _ options: CodeFileOptions) throws -> CodeFormat {
        guard let format = options.format ?? CodeFormat(path: path) ?? (path == "-" ? .hex : nil) else {
            let endings = CodeFormat.allCases.filter(\.isWritable).flatMap(\.suffixes).map { "." + $0 }
            throw CodeFileError.unsupported(
                path: path,
                reason:
                    "its ending names no format; let it end in \(endings.joined(separator: ", ")), or name the format"
            )
        }
        guard format.isWritable else {
            throw CodeFileError.unsupported(
                path: path, reason: "\(format.rawValue) files are read only; choose another format")
        }
        return format
    }
}
