import HashDB
import TestSupport

/// A store of 64-bit codes that the processes of one suite share.
struct SharedStore {
    private let folder: SharedFolder
    private let options: Store.Options

    /// - Parameter suite: A name of its own, since suites run side by side.
    init(of suite: String, options: Store.Options = .unsynchronised) {
        folder = SharedFolder(of: suite)
        self.options = options
    }

    /// Its path, in each of the processes.
    var path: String { get throws { try folder.file("s.hashdb") } }

    /// Opens it, in any of the processes.
    func open() throws -> Store { try Store.open(at: path, options: options) }

    /// Runs `body` with the store, a new one each time, and its path. Call it from one test at a time.
    func with(_ body: (Store, String) async throws -> Void) async throws {
        try await folder.with {
            let path = try self.path
            try await body(Store.create(at: path, bitWidth: 64, options: options), path)
        }
    }
}
