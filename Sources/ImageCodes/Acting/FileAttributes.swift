import Foundation

/// What a file has of its own beside its bytes and its names.
struct FileAttributes: Hashable, Codable {
    /// When it was written to last, nanoseconds since 1970.
    private var modified: Int64
    /// Who may do what.
    private var mode: UInt32
    private var owner: UInt32
    private var group: UInt32

    init(_ status: stat) {
        modified = FileStamp(status).modificationTime
        // Without the bits that lend a program its owner's rights.
        mode = UInt32(status.st_mode & 0o777)
        (owner, group) = (status.st_uid, status.st_gid)
    }

    /// Gives all this to an open file, as far as this user may.
    func give(to descriptor: Int32) {
        // Only the superuser may give files away; a group that one is in, everybody.
        if fchown(descriptor, owner, group) != 0 { _ = fchown(descriptor, uid_t.max, group) }
        _ = fchmod(descriptor, mode_t(truncatingIfNeeded: mode & 0o777))
        var (seconds, nanoseconds) = modified.quotientAndRemainder(dividingBy: 1_000_000_000)
        if nanoseconds < 0 { (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000) }
        var accessed = timespec()
        clock_gettime(CLOCK_REALTIME, &accessed)
        _ = futimens(descriptor, [accessed, timespec(tv_sec: time_t(seconds), tv_nsec: Int(nanoseconds))])
    }
}
