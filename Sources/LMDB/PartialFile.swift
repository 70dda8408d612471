#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is written beside its place, under a name of its own, and gets its place when it is whole and on the device.
///
/// As long as it has not, it is removed when it is given up. A process that is killed leaves it behind; nobody holds its lock then, and
/// the next one that writes to the same place removes it. The name is one that nobody gives to a file of theirs.
final class PartialFile {
    /// What is appended to the name of the place.
    static let suffix = ".hashdb-part"

    /// Where it is written.
    let path: String
    /// Whether one that was left behind had to be removed.
    let hasReplaced: Bool
    /// Where it is to be in the end.
    private let destination: String
    private let descriptor: Int32
    private var isPlaced = false
    /// What is not yet written.
    private var buffer: [UInt8] = []
    private var offset: Int
    private static let bufferSize = 1 << 20

    /// A new file for a place.
    ///
    /// - Parameters:
    ///   - destination: Where the file is to be in the end, in a directory that there is.
    ///   - offset: Where `append` begins.
    /// - Throws: `LMDBError`; `busy` if another process writes such a file for the same place.
    init(for destination: String, from offset: Int) throws {
        self.destination = destination
        self.offset = offset
        path = destination + Self.suffix
        do {
            hasReplaced = try Self.removeRemains(path, of: destination)
            descriptor = try Self.createLocked(path)
        } catch LMDBError.notFound(path) {
            throw LMDBError.failed(path: destination, code: ENOENT, reason: "there is no such directory")
        }
    }

    deinit {
        if !isPlaced { unlink(path) }
        LockDescriptors.close(descriptor)
    }

    private static func createLocked(_ path: String) throws -> Int32 {
        let descriptor = create(path)
        guard descriptor >= 0 else { throw errno == EEXIST ? LMDBError.busy(path: path) : .fromErrno(path: path) }
        // Whoever came between creation and lock has taken it for one that was left behind.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, isFile(descriptor, at: path) else {
            close(descriptor)
            throw LMDBError.busy(path: path)
        }
        LockDescriptors.add(descriptor)
        return descriptor
    }

    private static func create(_ path: String) -> Int32 {
        open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }

    private static func openRemains(_ path: String) -> Int32 {
        open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    }

    /// Removes the file that a killed process left, if there is one.
    private static func removeRemains(_ path: String, of destination: String) throws -> Bool {
        let descriptor = openRemains(path)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw LMDBError.fromErrno(path: path)
        }
        defer { close(descriptor) }
        // Where it had its place already, it is only another name for what is there.
        guard isFile(descriptor, at: destination) || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw LMDBError.busy(path: path)
        }
        // Another may have been faster, and have begun its own.
        guard isFile(descriptor, at: path) else { throw LMDBError.busy(path: path) }
        guard unlink(path) == 0 else { throw LMDBError.fromErrno(path: path) }
        return true
    }

    private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        guard let identity = FileIdentity(descriptor: descriptor) else { return false }
        return identity == FileIdentity(path: path)
    }

    // MARK: Writing

    /// Gives the file the owner and the permissions of another.
    ///
    /// - Throws: `LMDBError` where a file of another owner cannot be given to that owner, which only a few may do.
    func takeOver(_ status: stat, owner: Bool) throws {
        var own = stat()
        guard fstat(descriptor, &own) == 0 else { throw LMDBError.fromErrno(path: path) }
        if owner, own.st_uid != status.st_uid || own.st_gid != status.st_gid {
            guard fchown(descriptor, status.st_uid, status.st_gid) == 0 else {
                throw LMDBError.failed(
                    path: destination, code: errno,
                    reason: "its owner or group is another, and the new file must have the same"
                )
            }
        }
        guard fchmod(descriptor, status.st_mode & 0o777) == 0 else { throw LMDBError.fromErrno(path: path) }
    }

    /// Writes behind what was appended before. Returns whether that has reached the file.
    @discardableResult
    func append(_ bytes: [UInt8]) throws -> Bool {
        buffer += bytes
        guard buffer.count >= Self.bufferSize else { return false }
        try flush()
        return true
    }

    /// Hands all that was appended to the system.
    func flush() throws {
        try write(buffer, at: offset)
        offset += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes bytes to a place within the file.
    func write(_ bytes: [UInt8], at start: Int) throws {
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(start + done))
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw written == 0 ? LMDBError.from(EIO, path: path) : .fromErrno(path: path) }
            done += written
        }
    }

    // MARK: The place

    /// Gives the file its place, where none may be yet.
    ///
    /// - Throws: `LMDBError`; `exists` if there is one.
    func place() throws {
        try synchronize()
        if link(path, destination) == 0 {
            unlink(path)
        } else {
            if errno == EEXIST { throw LMDBError.exists(path: destination) }
            try placeWithoutLinks()
        }
        isPlaced = true
        do { try DirectoryEntry.synchronize(destination) } catch {
            unlink(destination)
            throw error
        }
    }

    /// For file systems, such as FAT, on which a file has one name only.
    private func placeWithoutLinks() throws {
        let reservation = Self.create(destination)
        guard reservation >= 0 else {
            throw errno == EEXIST ? LMDBError.exists(path: destination) : .fromErrno(path: destination)
        }
        close(reservation)
        guard rename(path, destination) == 0 else {
            let error = LMDBError.fromErrno(path: path)
            unlink(destination)
            throw error
        }
    }

    /// Puts the file in the place of the one that is there, in one step: at any moment one of the two is there.
    ///
    /// The new file stays locked until its name is on the device as well, so that nobody writes it before.
    func replace() throws {
        try synchronize()
        guard rename(path, destination) == 0 else { throw LMDBError.fromErrno(path: destination) }
        isPlaced = true
        try DirectoryEntry.synchronize(destination)
    }

    private func synchronize() throws {
        try flush()
        guard fsync(descriptor) == 0 else { throw LMDBError.fromErrno(path: path) }
    }
}
