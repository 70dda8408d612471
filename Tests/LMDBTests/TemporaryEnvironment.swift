import Foundation
import LMDB
import TestSupport
import Testing

extension Environment.Options {
    /// Without waiting for the device, and with a map of this size to begin with.
    static func forTests(mapSize: Int = 1 << 20) -> Self {
        var options = Self()
        options.synchronous = false
        options.mapSize = mapSize
        return options
    }
}

/// Runs `body` with a new environment of two databases and its path, which are removed afterwards.
func withEnvironment<R>(mapSize: Int = 1 << 20, _ body: (Environment, String) throws -> R) throws -> R {
    let folder = try TemporaryFolder()
    let path = folder.file("file")
    let options = Environment.Options.forTests(mapSize: mapSize)
    return try withExtendedLifetime(folder) {
        try body(try Environment.create(at: path, databases: ["one", "two"], options: options) { _, _ in }, path)
    }
}

extension Environment {
    // MARK: As a writer

    func writeAlone<R>(_ body: (inout WriteTransaction) throws -> R) throws -> R {
        try asWriter(within: .seconds(10)) { try write(body) }
    }

    func addAlone(named names: [String], fill: (inout WriteTransaction, [Database]) throws -> Void) throws {
        try asWriter(within: .seconds(10)) { try addDatabases(named: names, fill: fill) }
    }

    func removeAlone(named names: [String]) throws -> Bool {
        try asWriter(within: .seconds(10)) { try removeDatabases(named: names) }
    }

    // MARK: The database "one"

    /// Gives a key a value, in a commit of its own.
    func set(_ key: String, _ value: [UInt8] = [1]) throws {
        try asWriter(within: .seconds(10)) {
            // Not before: the file may have to be opened anew.
            let database = try #require(try databases(named: ["one"]))[0]
            try write { transaction in
                try Array(key.utf8).withUnsafeBytes { key in
                    try value.withUnsafeBytes { try transaction.set(key, to: $0, in: database) }
                }
            }
        }
    }

    /// Its keys, in order.
    func keys() throws -> [String] {
        let database = try #require(try databases(named: ["one"]))[0]
        return try read { transaction in
            try transaction.withCursor(database) { cursor in
                var keys: [String] = []
                while let entry = try cursor.next() { keys.append(String(decoding: entry.key, as: UTF8.self)) }
                return keys
            }
        }
    }
}

/// A directory for processes to meet in.
enum MeetingPlace {
    private static let folder = SharedFolder(of: "LMDBTests")

    static func path() throws -> String { try folder.path }
    static func file() throws -> String { try folder.file("file") }

    /// Call from one test at a time.
    static func with(_ body: (_ file: String) async throws -> Void) async throws {
        try await folder.with { try await body(file()) }
    }

    /// Tells the other processes that something has come to pass.
    static func tell(_ event: String) throws {
        let file = try folder.file(event)
        try #require(FileManager.default.createFile(atPath: file, contents: nil))
    }

    static func wait(for event: String) throws {
        let file = try folder.file(event)
        let end = ContinuousClock.now + .seconds(30)
        while access(file, F_OK) != 0 {
            try #require(ContinuousClock.now < end, "\(event) does not come to pass")
            usleep(1000)
        }
    }

    static func create(_ path: String, commits: Int, mapSize: Int = 1 << 20) throws -> Environment {
        let options = Environment.Options.forTests(mapSize: mapSize)
        let environment = try Environment.create(at: path, databases: ["one"], options: options) { _, _ in }
        for number in 1..<commits { try environment.set("\(number)") }
        return environment
    }
}
