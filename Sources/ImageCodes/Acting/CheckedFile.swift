import CXXHash
import Foundation

/// A file that is open and has been found to be the one that a report means.
///
/// While it is open its inode number cannot pass to another file, so that a name can be compared with it right before something is done
/// to that name.
struct CheckedFile: ~Copyable {
    let number: FileNumber
    let path: ImagePath
    private let stamp: FileStamp
    private let descriptor: Int32

    /// Opens a file and reads it to its end.
    ///
    /// - Throws: `Refusal` where it is gone, another file, a link, or holds other bytes.
    init(_ image: DuplicateReport.Image) throws(Refusal) {
        let opened = try CheckedFile.open(image)
        (descriptor, number, stamp, path) = (opened.descriptor, opened.number, opened.stamp, image.path)
    }

    private static func open(
        _ image: DuplicateReport.Image
    ) throws(Refusal) -> (descriptor: Int32, number: FileNumber, stamp: FileStamp) {
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
            let (number, stamp) = try check(descriptor, image)
            return (descriptor, number, stamp)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// The number of an open file that is what the report says, and its stamp from before it was read.
    private static func check(
        _ descriptor: Int32, _ image: DuplicateReport.Image
    ) throws(Refusal) -> (number: FileNumber, stamp: FileStamp) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Refusal("it cannot be looked at") }
        if FileStamp(status).waitUntilSettled() {
            guard fstat(descriptor, &status) == 0 else { throw Refusal("it cannot be looked at") }
        }
        guard FileKind(mode: status.st_mode) == .regular else { throw Refusal("it is not a file any more") }
        let number = FileNumber(status)
        guard number == image.file else { throw Refusal("it is another file than when the report was made") }
        guard UInt64(clamping: status.st_size) == image.content.size, try hash(descriptor) == image.content.hash else {
            throw Refusal("it has changed since the report was made")
        }
        return (number, FileStamp(status))
    }

    deinit { close(descriptor) }

    /// Whether the name still leads to this file, and not through a link, and nobody has written to it since it was read.
    var isStillNamed: Bool {
        guard let status = path.status(followsLinks: false) else { return false }
        return FileNumber(status) == number && FileStamp(status) == stamp
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
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
            while count < buffer.count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count, off_t(offset + count))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                count += got
            }
        }
        guard failure == 0 else { throw Refusal("it cannot be read: \(systemMessage(failure))") }
        return bytes
    }
}

/// Why nothing is done to a file, in words that follow its name.
struct Refusal: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
