import Foundation
import ImageCodes
import TestSupport

/// A directory that is gone when the test is, with the paths of images.
final class TemporaryDirectory: Sendable {
    private let folder: TemporaryFolder
    let path: ImagePath

    init() throws {
        folder = try TemporaryFolder()
        path = try ImagePath(folder.path).resolved()
    }

    /// The path of something in the directory.
    subscript(_ name: String) -> ImagePath { path.appending(name.utf8) }

    /// Writes a file, making the directories that lead to it.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> ImagePath {
        try folder.write(bytes, to: name)
        return self[name]
    }

    @discardableResult
    func makeDirectory(_ name: String) throws -> ImagePath {
        try FileManager.default.createDirectory(atPath: self[name].string, withIntermediateDirectories: true)
        return self[name]
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: self[name].string)
    }

    func chmod(_ path: ImagePath, _ mode: Int) {
        try? FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path.string)
    }
}

/// A call of the system that must work in a test.
func check(_ result: Int32, _ what: String) throws {
    guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO, userInfo: ["call": what]) }
}

/// Whether permissions bind this process; those of the superuser do not.
let isSuperuser = geteuid() == 0
