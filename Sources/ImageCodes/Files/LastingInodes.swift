import CFileSystem
import Foundation

/// The inode numbers of files, where the file system is one that keeps them.
struct LastingInodes: Sendable {
    /// By number of the device.
    private var areLasting: [UInt64: Bool] = [:]

    /// The inode number of a file that was looked at; 0 if such numbers do not last.
    mutating func inode(of path: ImagePath, _ status: stat) -> UInt64 {
        let file = FileNumber(status)
        let isLasting = areLasting[file.device] ?? path.withCString { cfilesystem_has_lasting_numbers($0) == 1 }
        areLasting[file.device] = isLasting
        return isLasting ? file.inode : 0
    }
}
