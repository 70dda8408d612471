import HashDB

extension Snapshot {
    /// Writes all codes, in the order of ids, to a file that `CodeImport` reads; in bounded memory. It takes the place of nothing but another of
    /// its format.
    ///
    /// - Parameters:
    ///   - path: the file of codes; `-` is standard output.
    ///   - idsPath: a file for the ids: `.npy`, `<u8`, shape (codes,). Together they restore the same items, payloads apart.
    ///   - options: the format and, if they are to differ from the store's, the order of bits and the padding.
    ///   - columns: what texts say of an item, in this order; nil: what is usual in the format. Without codes it is a list for other programs.
    ///   - name: the text beside an item, from its payload; it is asked only if it will be written.
    ///   - progress: is called with the number of codes written so far; what it throws ends the export.
    /// - Returns: the number of codes written.
    /// - Throws: `HashDBError`, `CodeFileError`, what `name` and `progress` throw; in a task `CancellationError` when it is cancelled. No file is made then.
    public borrowing func exportCodes(
        to path: String,
        ids idsPath: String? = nil,
        options: CodeFileOptions = CodeFileOptions(),
        columns: [CodeColumn]? = nil,
        name: (Item) throws -> [UInt8]? = { $0.payload.flatMap { CodeName(decoding: $0) }?.bytes },
        progress: (Int) throws -> Void = { _ in }
    ) throws -> Int {
        let stored = try codeLayout
        var layout = stored
        layout.order = options.bitOrder ?? stored.order
        layout.padding = options.padding ?? stored.padding
        if let bits = options.bitCount, bits != layout.bitCount {
            throw CodeFileError.unsupported(
                path: path, reason: "the store's codes have \(layout.bitCount) bits, not \(bits)")
        }
        let place = try OutputPlace(path)
        if let idsPath {
            let idPlace = try OutputPlace(idsPath)
            guard !idPlace.isSame(as: place) else {
                throw CodeFileError.unsupported(path: path, reason: "is named for codes and for ids; name two files")
            }
            try idPlace.check(.ids)
        }
        let format = try CodeFile.format(of: path, options)
        try place.check(columns?.contains(.code) ?? true ? .codes(format) : .list)
        let convert = LayoutConversion(from: stored, to: layout)
        let sink = try CodeFile.create(path, count: count, layout: layout, options: options, columns: columns)
        let hasNames = sink is TextSink && columns?.contains(.name) ?? true
        var idFile: IDWriter?
        if let idsPath { idFile = try IDWriter(path: idsPath, count: count) }
        var batch = CodeBatch(packedCodes: [], ids: [], names: hasNames ? [] : nil)
        var written = 0
        func flush() throws {
            try idFile?.append(batch.ids ?? [])
            written += batch.ids?.count ?? 0
            batch.packedCodes = convert(batch.packedCodes)
            try sink.append(batch)
            batch.packedCodes.removeAll(keepingCapacity: true)
            batch.ids?.removeAll(keepingCapacity: true)
            batch.names?.removeAll(keepingCapacity: true)
        }
        try forEachItem(payloads: hasNames) { item in
            batch.packedCodes += item.code.bytes
            batch.ids?.append(item.id)
            if hasNames { batch.names?.append(try name(item) ?? []) }
            if batch.ids?.count == CodeImport.batch {
                try flush()
                try progress(written)
            }
            return true
        }
        try flush()
        try sink.finish()
        try idFile?.finish()
        return written
    }
}
