import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file beside an environment in which its processes tell each other what they read, and which commit was the last.
enum LockFile {
    /// How many transactions of all processes can read at a time, those that rest to be used again among them. A lock file that is in use
    /// keeps the number that it was made for. This many take 128 KiB.
    static let places: UInt32 = 2046

    static func path(of location: String) -> String { location + "-lock" }

    /// Makes the lock file if it is not there, and sees to it that what is used of it first has its room on the device.
    ///
    /// LMDB makes it as one hole and writes to it through a map. On a device that is full, that ends the process.
    ///
    /// Its length stays as it is, for others may be using it. Call only while this process does not have it open: to close it takes away all
    /// `fcntl` locks that the process has on it.
    /// - Throws: `LMDBError.full`; all else LMDB finds itself.
    static func reserveRoom(of location: String) throws {
        #if os(Linux)
            let descriptor = create(path(of: location))
            guard descriptor >= 0 else { return }
            defer { close(descriptor) }
            // Enough for some 120 readers; for some 60 where there is no more, or where it was made before the device was full.
            for bytes in [1 << 13, 1 << 12] {
                guard fallocate(descriptor, keepsSize, 0, off_t(bytes)) != 0, errno == ENOSPC || errno == EDQUOT else {
                    return
                }
            }
            throw LMDBError.fromErrno(path: location)
        #endif
    }

    #if os(Linux)
        /// `FALLOC_FL_KEEP_SIZE`. The function of POSIX would not do: it changes the length, and may write over what others write.
        private static let keepsSize: Int32 = 1

        private static func create(_ path: String) -> Int32 { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
    #endif
}
