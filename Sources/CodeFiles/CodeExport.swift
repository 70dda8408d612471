import HashDB

extension Snapshot {
    /// Writes all codes, in the order of ids, to an `.npy` file that `CodeImport` and NumPy read; in bounded memory.
    ///
    /// - Parameters:
    ///   - path: the file of codes: `|u1`, shape (codes, bytes of a code).
    ///   - idsPath: a file for the ids: `<u8`, shape (codes,). Together they restore the same items, payloads apart.
    ///   - progress: is called with the number of codes written so far; false ends the export, and no file is made.
    /// - Returns: the number of codes written, or nil where `progress` ended the export.
    /// - Throws: `HashDBError`, `CodeFileError`.
    public borrowing func exportCodes(
        to path: String,
        ids idsPath: String? = nil,
        progress: (Int) -> Bool = { _ in true }
    ) throws -> Int? {
        var codeFile = try CodeWriter(path: path, count: count, bitWidth: bitWidth)
        var idFile: IDWriter?
        if let idsPath { idFile = try IDWriter(path: idsPath, count: count) }
        var codes: [UInt8] = []
        var ids: [UInt64] = []
        var written = 0
        var goesOn = true
        try forEachItem(payloads: false) { item in
            codes += item.code.bytes
            ids.append(item.id)
            if ids.count == CodeImport.batch {
                try codeFile.append(codes)
                try idFile?.append(ids)
                written += ids.count
                codes.removeAll(keepingCapacity: true)
                ids.removeAll(keepingCapacity: true)
                goesOn = progress(written)
            }
            return goesOn
        }
        guard goesOn else { return nil }
        try codeFile.append(codes)
        try idFile?.append(ids)
        try codeFile.finish()
        try idFile?.finish()
        return written + ids.count
    }
}
