import Foundation

/// The word that lets clients write.
enum ServiceToken {
    /// Fewer characters could be guessed.
    private static let fewest = 16

    /// Reads the first line of a file.
    ///
    /// - Throws: `ToolError`.
    static func read(_ path: String) throws -> String {
        let line = try TextFile.read(path).split(whereSeparator: \.isNewline).first ?? ""
        let token = line.trimmingCharacters(in: .whitespaces)
        guard token.utf8.count >= fewest, token.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            throw ToolError(
                "--token-file \(path): its first line must be at least \(fewest) letters, digits or signs without spaces"
            )
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
            StandardError.warn("\(path): others of this machine may read the token; chmod 600 keeps it from them")
        }
        return token
    }
}
