import CFileSystem
import Foundation

/// The inode numbers of files, where the file system is one that keeps them.
struct FileNumbers: Sendable {
    /// By number of the device.
    private var areLasting: [UInt64: Bool] = [:]

    /// The inode number of a file that was looked at; 0 if such numbers do not last.
    mutating func number(of path: ImagePath, _ status: stat) -> UInt64 {
        let device = UInt64(truncatingIfNeeded: status.st_dev)
        let isLasting = areLasting[device] ?? path.withCString { cfilesystem_has_lasting_numbers($0) == 1 }
        areLasting[device] = isLasting
        return isLasting ? UInt64(truncatingIfNeeded: status.st_ino) : 0
    }
}
