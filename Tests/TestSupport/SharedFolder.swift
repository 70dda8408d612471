import Foundation

/// A folder in which the processes of one suite meet: exit tests, which run in processes of their own, find it through the environment.
package struct SharedFolder: Sendable {
    private let variable: String

    /// - Parameter suite: A name of its own, since suites run side by side.
    package init(of suite: String) { variable = "HASHDB_FOLDER_OF_" + suite }

    /// Its path, in each of the processes.
    package var path: String {
        get throws {
            guard let path = ProcessInfo.processInfo.environment[variable] else { throw IsNotThere(variable: variable) }
            return path
        }
    }

    /// The path of something in the folder.
    package func file(_ name: String) throws -> String { try path + "/" + name }

    /// Runs `body` while there is such a folder, a new one. Call it from one test at a time.
    package func with(_ body: () async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            setenv(variable, folder.path, 1)
            defer { unsetenv(variable) }
            try await body()
        }
    }

    /// No test is in `with`.
    private struct IsNotThere: Error {
        let variable: String
    }
}
