/// A sink of one file. Each batch is checked before anything of it is written.
protocol FileSink: CodeSink {
    var file: FileOutput { get }
    var layout: CodeLayout { get }
    /// Whether the format cannot say a code without an id.
    var needsIDs: Bool { get }
    /// Writes a batch that adds up.
    func write(_ batch: CodeBatch) throws
    /// Writes what comes after the last code.
    func end() throws
}

extension FileSink {
    var needsIDs: Bool { false }

    func append(_ batch: CodeBatch) throws {
        let (count, rest) = batch.packedCodes.count.quotientAndRemainder(dividingBy: layout.byteCount)
        guard rest == 0 else {
            throw cannot("\(batch.packedCodes.count) bytes, which are no whole number of codes of \(layout.byteCount)")
        }
        let ids = batch.ids?.count ?? (needsIDs ? 0 : count)
        guard ids == count else { throw cannot("\(count) codes with \(ids) ids") }
        let names = batch.names?.count ?? count
        guard names == count else { throw cannot("\(count) codes with \(names) texts") }
        try write(batch)
    }

    func end() throws {}

    func finish() throws {
        try end()
        try file.finish()
    }

    /// The error of a sink that was given what its file cannot hold.
    func cannot(_ what: String) -> CodeFileError {
        .unsupported(path: file.path, reason: "cannot be written: there are \(what)")
    }
}
