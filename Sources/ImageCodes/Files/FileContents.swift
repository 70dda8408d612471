import Foundation

/// What tells that a file is still the one that was seen.
public struct FileStamp: Hashable, Sendable {
    /// Bytes.
    public var size: UInt64
    /// Modification time, nanoseconds since 1970.
    public var modificationTime: Int64

    package init(_ status: stat) {
        size = UInt64(clamping: status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        modificationTime =
            Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int64(time.tv_nsec)
    }

    /// Makes a stamp from its parts.
    public init(size: UInt64, modificationTime: Int64) {
        self.size = size
        self.modificationTime = modificationTime
    }
}

extension FileStamp {
    /// Clocks of file systems tick, on Linux each 1 to 10 ms: what is written to a file after it was read, but within the tick of the
    /// last change before, would not show in its time.
    private static let tick: Int64 = 20_000_000

    /// Waits until a further change would show in the modification time. Returns whether it had to.
    func waitUntilSettled() -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let age = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) &- modificationTime
        guard age >= 0, age < FileStamp.tick else { return false }
        usleep(UInt32((FileStamp.tick - age) / 1_000))
        return true
    }
}

/// A regular file read whole.
struct FileContents {
    var bytes: [UInt8]
    var stamp: FileStamp
    var inode: UInt64

    /// Reads a file; a file that changes meanwhile is read once more.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that are read into memory.
    ///   - followLinks: whether `path` may be a symbolic link.
    /// - Throws: `ImageDecodingError`.
    static func read(_ path: ImagePath, limit: Int, followLinks: Bool) throws(ImageDecodingError) -> FileContents {
        for _ in 0..<2 {
            if let contents = try readOnce(path, limit: limit, followLinks: followLinks) { return contents }
        }
        throw ImageDecodingError(path: path, reason: .changedWhileRead)
    }

    /// `nil` if the file changed between the first byte and the last.
    private static func readOnce(
        _ path: ImagePath, limit: Int, followLinks: Bool
    ) throws(ImageDecodingError) -> FileContents? {
        func failure(_ reason: ImageDecodingError.Reason) -> ImageDecodingError {
            ImageDecodingError(path: path, reason: reason)
        }
        // Without O_NONBLOCK, opening a pipe that has taken the file's place would wait for a writer.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followLinks ? 0 : O_NOFOLLOW)
        let descriptor = path.withCString { open($0, flags) }
        guard descriptor >= 0 else { throw failure(FileContents.reason(of: errno)) }
        defer { close(descriptor) }

        var before = stat()
        guard fstat(descriptor, &before) == 0 else { throw failure(FileContents.reason(of: errno)) }
        if FileStamp(before).waitUntilSettled() {
            guard fstat(descriptor, &before) == 0 else { throw failure(FileContents.reason(of: errno)) }
        }
        let kind = FileKind(mode: before.st_mode)
        guard kind == .regular else { throw failure(.notAFile(kind.description)) }
        guard before.st_size > 0 else { throw failure(.empty) }
        guard before.st_size <= limit else { throw failure(.tooManyBytes(limit: limit)) }

        let size = Int(before.st_size)
        var readError: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Foundation.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { readError = errno }
                if got <= 0 { break }
                count += got
            }
        }
        guard readError == 0 else { throw failure(FileContents.reason(of: readError)) }
        var after = stat()
        guard fstat(descriptor, &after) == 0, FileStamp(after) == FileStamp(before), bytes.count == size else {
            return nil
        }
        return FileContents(
            bytes: bytes, stamp: FileStamp(before), inode: UInt64(truncatingIfNeeded: before.st_ino))
    }

    private static func reason(of code: Int32) -> ImageDecodingError.Reason {
        switch code {
        case ENOENT, ENOTDIR: .vanished
        case ELOOP: .notAFile(FileKind.symbolicLink.description)
        // What opening a socket gives.
        case ENXIO: .notAFile(FileKind.socket.description)
        default: .unreadable(systemMessage(code))
        }
    }
}

/// What kind of thing a directory entry is.
enum FileKind: CustomStringConvertible {
    case regular, directory, symbolicLink, pipe, socket, device, other

    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symbolicLink
        case S_IFIFO: self = .pipe
        case S_IFSOCK: self = .socket
        case S_IFCHR, S_IFBLK: self = .device
        default: self = .other
        }
    }

    /// Looks at a path without following a link.
    ///
    /// - Throws: the system's error if nothing is there or it may not be looked at.
    static func look(at path: ImagePath) throws(SystemError) -> FileKind {
        guard let status = path.status(followsLinks: false) else { throw SystemError(code: errno) }
        return FileKind(mode: status.st_mode)
    }

    var description: String {
        switch self {
        case .regular: "a file"
        case .directory: "a directory"
        case .symbolicLink: "a symbolic link"
        case .pipe: "a pipe"
        case .socket: "a socket"
        case .device: "a device"
        case .other: "something else"
        }
    }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
    String(cString: strerror(code))
}
