import Foundation
import ImageCodes

/// A directory that is gone when the test is.
final class TemporaryDirectory: Sendable {
    let path: ImagePath

    init() throws {
        let name = FileManager.default.temporaryDirectory.path + "/ImageCodesTests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
        path = try ImagePath(name).resolved()
    }

    deinit {
        // A directory that a test made unreadable could not be removed.
        for directory in [path] + subdirectories() { chmod(directory, 0o700) }
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// The path of something in the directory.
    subscript(_ name: String) -> ImagePath { path.appending(name.utf8) }

    /// Writes a file, making the directories that lead to it.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> ImagePath {
        try makeDirectory(String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)]))
        try Data(bytes).write(to: URL(fileURLWithPath: self[name].string))
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

    private func subdirectories() -> [ImagePath] {
        let all = FileManager.default.enumerator(atPath: path.string)?.compactMap { $0 as? String } ?? []
        return all.map { self[$0] }
    }
}

/// A call of the system that must work in a test.
func check(_ result: Int32, _ what: String) throws {
    guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO, userInfo: ["call": what]) }
}

/// Whether permissions bind this process; those of the superuser do not.
let isSuperuser = geteuid() == 0
