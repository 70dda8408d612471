import Foundation

/// A file on its way to its place, part by part, so that a long one needs no memory: it is there whole and on the disk, or not at all.
///
/// It takes the place of nothing but another of its kind: a name that was mistaken shall cost nobody a store or a photograph. A symbolic link
/// stays, and what it leads to is replaced.
package struct WholeFile {
    /// A kind of files, told by how they begin.
    package struct Kind: Sendable {
        private let beginning: String
        private let offset: Int

        /// Files that begin so, after some bytes.
        package init(beginning: String, offset: Int = 0) {
            (self.beginning, self.offset) = (beginning, offset)
        }

        fileprivate func includes(_ file: FileParts) -> Bool {
            file.bytes(at: offset, count: beginning.utf8.count).elementsEqual(beginning.utf8)
        }
    }

    private let file: UnsafeMutablePointer<FILE>
    /// The system's first error.
    private var failure: Int32 = 0
    /// Whether all parts so far have been written; nothing more is worth making if not.
    var isWritten: Bool { failure == 0 }

    /// Writes a file; `body` appends the parts.
    ///
    /// - Throws: `ImageCodesError.unwritable`, also where `checkPlace` does; what `body` throws.
    package static func write(to path: String, _ kind: Kind, _ body: (inout WholeFile) throws -> Void) throws {
        try checkPlace(path, kind)
        let place = (try? ImagePath(path).resolved()) ?? ImagePath(path)
        // A name that nobody can foresee, and that must be free: a link that waited there would lead to another file.
        let number = String(UInt64.random(in: 0 ... .max), radix: 16)
        let unfinished = ImagePath(bytes: place.bytes + Array(".\(number).part".utf8))
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = unfinished.withCString { open($0, flags, 0o666) }
        guard descriptor >= 0, let file = fdopen(descriptor, "w") else {
            throw ImageCodesError.unwritable(path: path, reason: systemMessage(errno))
        }
        // Nobody may read it who may not read what it replaces.
        if let old = place.status(followsLinks: false) { _ = fchmod(fileno(file), old.st_mode & 0o777) }
        var whole = WholeFile(file: file)
        let outcome = Result { try body(&whole) }
        whole.attempt { fflush(file) == 0 && fsync(fileno(file)) == 0 }
        fclose(file)
        if case .success = outcome {
            whole.attempt { unfinished.withCString { from in place.withCString { rename(from, $0) } } == 0 }
            if whole.isWritten {
                (try? place.resolved())?.directory.bringNamesToDisk()
                return
            }
        }
        _ = unfinished.withCString { unlink($0) }
        try outcome.get()
        throw ImageCodesError.unwritable(path: path, reason: systemMessage(whole.failure))
    }

    /// Whether a file of the kind may be put in this place: it is free or empty, or holds another.
    ///
    /// - Throws: `ImageCodesError.unwritable` if not.
    package static func checkPlace(_ path: String, _ kind: Kind) throws {
        func refusal(_ reason: String) -> ImageCodesError {
            .unwritable(path: path, reason: "\(reason); choose another name")
        }
        let place = ImagePath(path)
        guard place.status(followsLinks: false) != nil else { return }
        guard let status = place.status(followsLinks: true) else {
            throw refusal("it is a symbolic link that leads nowhere")
        }
        // Of what is no file, nothing is read: a pipe might never give anything.
        let isFile = FileKind(mode: status.st_mode) == .regular
        if isFile, status.st_size == 0 { return }
        guard isFile, let file = (try? place.resolved()).flatMap({ FileParts($0) }), kind.includes(file) else {
            throw refusal("something else is there")
        }
    }

    private init(file: UnsafeMutablePointer<FILE>) { self.file = file }

    /// Adds a part.
    package mutating func append(_ text: String) {
        let file = file
        var text = text
        attempt { text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count } }
    }

    /// Does something unless another thing has failed before.
    private mutating func attempt(_ step: () -> Bool) {
        if isWritten, !step() { failure = errno }
    }
}
