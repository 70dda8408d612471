import Foundation

/// The entries of one directory in the order of their bytes, without `.` and `..`.
///
/// Names lie in one array one after another: a directory of a million files costs their letters and nine bytes each.
struct DirectoryListing: Sendable {
    /// Tells directories that are the same one under two names.
    struct Identity: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64

        init(_ status: stat) {
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }

    private(set) var identity: Identity
    private var names: [UInt8] = []
    private var entries: [(start: Int, type: UInt8)] = []

    /// Reads a directory, which may not be a symbolic link.
    ///
    /// - Throws: the system's error.
    init(of path: ImagePath) throws(SystemError) {
        let descriptor = path.withCString { open($0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, let directory = fdopendir(descriptor) else {
            let error = SystemError(code: errno)
            close(descriptor)
            throw error
        }
        defer { closedir(directory) }
        identity = Identity(status)
        while true {
            errno = 0
            guard let entry = readdir(directory) else { break }
            append(entry)
        }
        guard errno == 0 else { throw SystemError(code: errno) }
        names.withUnsafeBytes { bytes in
            guard let base = bytes.bindMemory(to: CChar.self).baseAddress else { return }
            entries.sort { strcmp(base + $0.start, base + $1.start) < 0 }
        }
    }

    private mutating func append(_ entry: UnsafeMutablePointer<dirent>) {
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                name in
                let length = strlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
                let bytes = UnsafeBufferPointer(start: name, count: length)
                if bytes.elementsEqual([ImagePath.dot]) || bytes.elementsEqual([ImagePath.dot, ImagePath.dot]) {
                    return
                }
                entries.append((start: names.count, type: UInt8(truncatingIfNeeded: entry.pointee.d_type)))
                names += bytes
                names.append(0)
            }
        }
    }

    var count: Int { entries.count }

    func name(at index: Int) -> ArraySlice<UInt8> {
        let start = entries[index].start
        return names[start...].prefix { $0 != 0 }
    }

    /// The kind of an entry where the file system tells it along with the name.
    func kind(at index: Int) -> FileKind? {
        switch Int32(entries[index].type) {
        case Int32(DT_REG): .regular
        case Int32(DT_DIR): .directory
        case Int32(DT_LNK): .symbolicLink
        case Int32(DT_FIFO): .pipe
        case Int32(DT_SOCK): .socket
        case Int32(DT_CHR), Int32(DT_BLK): .device
        default: nil
        }
    }
}

/// An error number of the system.
struct SystemError: Error, CustomStringConvertible {
    var code: Int32

    var description: String { systemMessage(code) }
}
