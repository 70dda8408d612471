import Foundation

/// An HTML page on its way to a file, part by part, so that a long one needs no memory.
struct PageFile {
    private let file: UnsafeMutablePointer<FILE>
    /// Whether all parts so far have been written; nothing more is worth making if not.
    private(set) var isWritten = true

    /// Writes a page whole or not at all; `body` appends the parts.
    ///
    /// - Throws: `ImageCodesError.unwritable`.
    static func write(to path: String, _ body: (inout PageFile) throws -> Void) throws {
        let unfinished = "\(path).\(ProcessInfo.processInfo.processIdentifier).part"
        guard let file = fopen(unfinished, "w") else {
            throw ImageCodesError.unwritable(path: path, message: systemMessage(errno))
        }
        var page = PageFile(file: file)
        let outcome = Result { try body(&page) }
        let isWritten = fclose(file) == 0 && page.isWritten
        guard case .success = outcome, isWritten, rename(unfinished, path) == 0 else {
            let message = systemMessage(errno)
            unlink(unfinished)
            try outcome.get()
            throw ImageCodesError.unwritable(path: path, message: message)
        }
    }

    private init(file: UnsafeMutablePointer<FILE>) { self.file = file }

    /// Adds a part.
    mutating func append(_ text: String) {
        guard isWritten else { return }
        var text = text
        isWritten = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
    }
}
