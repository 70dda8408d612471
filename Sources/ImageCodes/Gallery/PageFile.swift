import Foundation

/// An HTML page on its way to a file, part by part, so that a long one needs no memory.
struct PageFile {
    private let file: UnsafeMutablePointer<FILE>
    /// Whether all parts so far have been written; nothing more is worth making if not.
    private(set) var isWritten = true

    /// Writes a page whole or not at all; `body` appends the parts.
    ///
    /// - Throws: `ImageCodesError.unwritable`, also where something else than a page is in its place.
    static func write(to path: String, _ body: (inout PageFile) throws -> Void) throws {
        try Page.checkPlace(path, isFreeOrBegins: Page.beginning)
        let unfinished = "\(path).\(ProcessInfo.processInfo.processIdentifier).part"
        guard let file = fopen(unfinished, "w") else {
            throw ImageCodesError.unwritable(path: path, reason: systemMessage(errno))
        }
        var page = PageFile(file: file)
        let outcome = Result { try body(&page) }
        let isWritten = fclose(file) == 0 && page.isWritten
        guard case .success = outcome, isWritten, rename(unfinished, path) == 0 else {
            let message = systemMessage(errno)
            unlink(unfinished)
            try outcome.get()
            throw ImageCodesError.unwritable(path: path, reason: message)
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

extension Page {
    /// How all pages begin.
    package static let beginning = "<!DOCTYPE html"

    /// Whether a file may be put in this place: it is free, or holds another of the same kind. A name that was mistaken shall cost nobody a
    /// store or a photograph.
    ///
    /// - Parameters:
    ///   - beginning: How files of the kind begin, after `offset` bytes.
    /// - Throws: `ImageCodesError.unwritable` if not.
    package static func checkPlace(_ path: String, isFreeOrBegins beginning: String, at offset: Int = 0) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        if isFile, status.st_size == 0 { return }
        // Of what is no file, nothing is read: a pipe might never give anything.
        let file = isFile ? FileHandle(forReadingAtPath: path) : nil
        let bytes = try? file?.read(upToCount: offset + beginning.utf8.count)
        guard let bytes, bytes.dropFirst(offset).elementsEqual(beginning.utf8) else {
            throw ImageCodesError.unwritable(path: path, reason: "something else is there; choose another name")
        }
    }
}
