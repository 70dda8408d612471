import Foundation

/// The entries of one directory in the order of their bytes, without `.` and `..`.
///
/// Names lie in one array one after another: a directory of a million files costs their letters and nine bytes each.
struct DirectoryListing: Sendable {
    /// Of the directory.
    private(set) var fileNumber: FileNumber
    private var names: [UInt8] = []
    private var entries: [(start: Int, type: UInt8)] = []

    /// Reads a directory, which may be a symbolic link only if that is to be followed.
    ///
    /// - Throws: the system's error.
    init(of path: ImagePath, followsLink: Bool = false) throws(SystemError) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW)
        let descriptor = path.withCString { open($0, flags) }
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, let directory = fdopendir(descriptor) else {
            let error = SystemError(code: errno)
            close(descriptor)
            throw error
        }
        defer { closedir(directory) }
        fileNumber = FileNumber(status)
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
