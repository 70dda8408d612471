import Foundation

/// Parts of a file that is not read as a whole. A part that cannot be read is as if it were behind the end.
final class FileParts {
    private let descriptor: Int32

    /// Opens a file, no link; `nil` for what is none.
    init?(_ path: ImagePath) {
        // Without O_NONBLOCK, opening a pipe that has taken the file's place would wait for a writer.
        descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY) }
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, FileKind(mode: status.st_mode) == .regular else {
            return nil
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// So many bytes, or what there is of them.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        (try? [UInt8](reading: descriptor, at: offset, count: count)) ?? []
    }

    func number(at offset: Int, size: Int, isBigEndian: Bool = true) -> Int? {
        let digits = bytes(at: offset, count: size)
        guard digits.count == size else { return nil }
        return isBigEndian ? digits.reduce(0) { $0 << 8 | Int($1) } : digits.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Four letters.
    func text(at offset: Int) -> String { String(decoding: bytes(at: offset, count: 4), as: UTF8.self) }
}
