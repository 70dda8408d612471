import Foundation

/// Which file or directory it is, whatever it is called: two names with the same numbers are hard links of one file.
public struct FileNumber: Hashable, Sendable {
    /// The file system.
    public var device: UInt64
    /// The file in it.
    public var inode: UInt64

    /// Makes a number from its parts.
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    package init(_ status: stat) {
        self.init(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino))
    }
}
