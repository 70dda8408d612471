import HashDB
import TestSupport

/// Runs `body` with the path of a new directory that is removed afterwards.
func withTemporaryDirectory<R>(_ body: (String) throws -> R) throws -> R {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) { try body(folder.path) }
}

/// Runs `body` with a new store that is removed afterwards.
func withTemporaryStore(_ bitWidth: Int, _ body: (Store) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        try await body(Store.create(at: folder.file("s.hashdb"), bitWidth: bitWidth, options: .unsynchronised))
    }
}
