import CXXHash
import Foundation

/// A file that is open and has been found to be the one that a report means.
///
/// While it is open its inode number cannot pass to another file, so that a name can be compared with it right before something is done
/// to that name.
struct CheckedFile: ~Copyable {
    let path: ImagePath
    /// Which file it is, and when it was written to last before it was read.
    let seen: SeenFile
    private let descriptor: Int32

    /// Opens a file and reads it to its end.
    ///
    /// - Throws: `Refusal` where it is gone, another file, a link, or holds other bytes.
    init(_ image: DuplicateReport.Image) throws(Refusal) {
        (descriptor, seen) = try CheckedFile.open(image)
        path = image.path
    }

    private static func open(_ image: DuplicateReport.Image) throws(Refusal) -> (descriptor: Int32, seen: SeenFile) {
        // Without O_NONBLOCK, opening a pipe that has taken the file's place would wait for a writer.
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        let descriptor = image.path.withCString { Foundation.open($0, flags) }
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: throw Refusal("it is gone")
            case ELOOP: throw Refusal("it is a symbolic link now")
            default: throw Refusal("it cannot be opened: \(systemMessage(errno))")
            }
        }
        do throws(Refusal) {
            return (descriptor, try check(descriptor, image))
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// An open file that is what the report says, as it was before it was read.
    private static func check(_ descriptor: Int32, _ image: DuplicateReport.Image) throws(Refusal) -> SeenFile {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Refusal("it cannot be looked at") }
        if FileStamp(status).waitUntilSettled() {
            guard fstat(descriptor, &status) == 0 else { throw Refusal("it cannot be looked at") }
        }
        guard FileKind(mode: status.st_mode) == .regular else { throw Refusal("it is not a file any more") }
        let seen = SeenFile(status)
        guard seen.number == image.file else { throw Refusal("it is another file than when the report was made") }
        guard UInt64(clamping: status.st_size) == image.content.size, try hash(descriptor) == image.content.hash else {
            throw Refusal("it has changed since the report was made")
        }
        return seen
    }

    deinit { close(descriptor) }

    /// Whether the name still leads to this file, and not through a link, and nobody has written to it since it was read.
    var isStillNamed: Bool { SeenFile(at: path) == seen }

    /// What it has of its own beside its bytes.
    var attributes: FileAttributes? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? FileAttributes(status) : nil
    }

    /// Waits until the disk has its bytes: a copy made a moment ago may be in memory only.
    func bringToDisk() throws(Refusal) {
        // Others than these say that the file system has nothing to bring there.
        let code = fsync(descriptor) == 0 ? 0 : errno
        guard [EIO, ENOSPC, EDQUOT].contains(code) else { return }
        throw Refusal("\(path), which was to stay, cannot be brought to the disk: \(systemMessage(code))")
    }

    /// Whether both files hold the same bytes, read once more and compared byte by byte.
    func holdsSameBytes(as other: borrowing CheckedFile) throws(Refusal) -> Bool {
        var offset = 0
        while true {
            let ours = try CheckedFile.bytes(descriptor, at: offset)
            let theirs = try CheckedFile.bytes(other.descriptor, at: offset)
            guard ours == theirs else { return false }
            if ours.isEmpty { return true }
            offset += ours.count
        }
    }

    private static func hash(_ descriptor: Int32) throws(Refusal) -> ContentHash {
        guard let state = XXH3_createState() else { throw Refusal("there is no memory left") }
        defer { XXH3_freeState(state) }
        XXH3_128bits_reset(state)
        var offset = 0
        while true {
            let bytes = try bytes(descriptor, at: offset)
            if bytes.isEmpty { break }
            bytes.withUnsafeBytes { _ = XXH3_128bits_update(state, $0.baseAddress, $0.count) }
            offset += bytes.count
        }
        let hash = XXH3_128bits_digest(state)
        return ContentHash(high: hash.high64, low: hash.low64)
    }

    /// Some bytes from an offset on: a mebibyte, or what is left.
    static func bytes(_ descriptor: Int32, at offset: Int) throws(Refusal) -> [UInt8] {
        do {
            return try [UInt8](reading: descriptor, at: offset, count: 1 << 20)
        } catch {
            throw Refusal("it cannot be read: \(error)")
        }
    }
}

/// What tells that a file is still the one that was looked at, and that nobody has written to it since.
struct SeenFile: Hashable {
    let number: FileNumber
    let stamp: FileStamp

    init(_ status: stat) {
        (number, stamp) = (FileNumber(status), FileStamp(status))
    }

    /// What has that name, which may be a link; nil where there is nothing.
    init?(at path: ImagePath) {
        guard let status = path.status(followsLinks: false) else { return nil }
        self.init(status)
    }
}

/// Why nothing is done to a file, in words that follow its name.
struct Refusal: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
