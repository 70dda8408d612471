import Foundation

/// A folder in which the processes of one suite meet: exit tests, which run in processes of their own, find it by the number of their parent.
///
/// Not by a variable of the environment, which other threads read, to start processes, while it would be set.
package struct SharedFolder: Sendable {
    private let suite: String

    /// - Parameter suite: A name of its own, since suites run side by side.
    package init(of suite: String) { self.suite = suite }

    /// Its path, in each of the processes.
    package var path: String {
        get throws {
            for process in [getpid(), getppid()] {
                let link = link(of: process)
                if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link) { return path }
            }
            throw IsNotThere(suite: suite)
        }
    }

    /// The path of something in the folder.
    package func file(_ name: String) throws -> String { try path + "/" + name }

    /// Runs `body` while there is such a folder, a new one. Call it from one test at a time.
    package func with(_ body: () async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let link = link(of: getpid())
            // A process of this number may have been killed.
            unlink(link)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
            defer { unlink(link) }
            try await body()
        }
    }

    /// A link that leads to the folder of a process.
    private func link(of process: pid_t) -> String {
        FileManager.default.temporaryDirectory.path + "/HashDB-\(suite)-\(process)"
    }

    /// No test is in `with`.
    private struct IsNotThere: Error {
        let suite: String
    }
}
