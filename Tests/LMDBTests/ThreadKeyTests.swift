import Foundation
import LMDB
import TestSupport
import Testing

/// What belongs to a thread needs a key of the system's, of which a process has few. Each test takes all that are left, in a process of its own.
@Suite(.serialized) struct ThreadKeyTests {
    @Test func allOpenFilesShareOneKey() async {
        await #expect(processExitsWith: .success) {
            try ThreadKeyTests.withDirectory { directory in
                let before = ThreadKeyTests.withoutKeys { $0 }
                let environments = try (0..<20).map { try ThreadKeyTests.create(directory + "/\($0)") }
                for environment in environments { try environment.read { _ in } }
                let after = ThreadKeyTests.withoutKeys { $0 }
                // The system may have taken one or two meanwhile.
                #expect(before - after < 5, "\(before), then \(after)")
            }
        }
    }

    @Test func aFileIsNotOpenedWithoutAKey() async {
        await #expect(processExitsWith: .success) {
            try ThreadKeyTests.withDirectory { directory in
                let path = directory + "/file"
                let result = ThreadKeyTests.withoutKeys { _ in Result { _ = try ThreadKeyTests.create(path) } }
                #expect { try result.get() } throws: { error in
                    if case LMDBError.failed(path, EAGAIN, _) = error { true } else { false }
                }
                #expect(!FileManager.default.fileExists(atPath: path))
                // There are some again.
                let environment = try ThreadKeyTests.create(path)
                try environment.read { _ in }
            }
        }
    }

    private static func create(_ path: String) throws -> Environment {
        var options = Environment.Options()
        options.synchronous = false
        options.mapSize = 1 << 20
        return try Environment.create(at: path, databases: ["one"], options: options) { _, _ in }
    }

    /// Runs `body` while no key is left, with the number of those that were.
    private static func withoutKeys<R>(_ body: (Int) -> R) -> R {
        var keys: [pthread_key_t] = []
        var key = pthread_key_t()
        while pthread_key_create(&key, nil) == 0 { keys.append(key) }
        defer { for key in keys { pthread_key_delete(key) } }
        return body(keys.count)
    }

    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try withExtendedLifetime(folder) { try body(folder.path) }
    }
}
