import Foundation

/// A folder for one test, which goes with its owner.
package final class TemporaryFolder: Sendable {
    package let path: String

    /// - Parameter inMemory: Whether it is to be in memory, where the system has such a place.
    package init(inMemory: Bool = false) throws {
        let memory = "/dev/shm"
        let parent =
            inMemory && access(memory, W_OK) == 0
            ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
        path = parent.appendingPathComponent("TestSupport-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            // A folder that a test made unreadable is in the way.
            let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
            for item in [path] + names.map({ file($0) }) { chmod(item, 0o700) }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// The path of something in the folder.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file, making the folders that lead to it, and returns its path.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let url = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return file(name)
    }

    package func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }
}

/// Runs `body` with a new folder, which is there until it ends.
package func withTemporaryFolder(_ body: (TemporaryFolder) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    try await body(folder)
}
