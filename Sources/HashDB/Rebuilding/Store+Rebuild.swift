import LMDB

extension Store {
    /// Makes a new store of all that is whole in the default collection of one that may be damaged. Other collections are told as lost.
    ///
    /// Only what has the checksum that it was written with is believed. The old file is read page by page without LMDB, which a damaged
    /// file could make crash, and it stays as it is. The index is made anew from the codes. Where the last commit cannot be found, the one before
    /// it is taken.
    ///
    /// - Parameters:
    ///   - path: The old store; nobody can write to it meanwhile.
    ///   - newPath: Where no file is yet.
    /// - Returns: What was saved, and a line for everything that was not.
    /// - Throws: `HashDBError.storeNotFound`, `notAStore` or `damaged` if nothing can be saved; `unsupportedVersion`; `storeExists`, `busy`,
    ///   `diskFull`, `system`.
    public static func rebuild(
        _ path: String, to newPath: String, options: Options = Options()
    ) throws -> RebuildReport {
        try HashDBError.translating {
            try PageFile.examine(path, within: options.busyTimeout) { file in
                let salvage = try Salvage(file, path: path)
                let store = try create(
                    at: newPath, bitWidth: salvage.header.bitWidth, model: salvage.header.model, options: options)
                do { return try salvage.fill(store) } catch {
                    remove(newPath)
                    throw error
                }
            }
        }
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-lock"] { Environment.removeFile(path + suffix) }
    }
}
