import Foundation
import LMDB
import Synchronization
import Testing

struct EnvironmentTests {
    private func databases(_ environment: Environment) throws -> [Database] {
        try #require(try environment.databases(named: ["one", "two"]))
    }

    private func put(_ key: String, _ value: [UInt8], _ transaction: borrowing WriteTransaction, _ database: Database)
        throws
    {
        try Array(key.utf8).withUnsafeBytes { key in
            try value.withUnsafeBytes { try transaction.set(key, to: $0, in: database) }
        }
    }

    private func value(_ key: String, _ transaction: borrowing ReadTransaction, _ database: Database) throws -> [UInt8]?
    {
        try Array(key.utf8).withUnsafeBytes { try transaction.value(of: $0, in: database).map { Array($0) } }
    }

    private func get(_ key: String, _ environment: Environment, _ database: Database) throws -> [UInt8]? {
        try environment.read { try value(key, $0, database) }
    }

    @Test func committedValuesAreRead() throws {
        try withEnvironment { environment, _ in
            let databases = try databases(environment)
            try environment.asWriter(within: .seconds(1)) {
                try environment.write { try put("a", [1, 2], $0, databases[0]) }
            }
            #expect(try get("a", environment, databases[0]) == [1, 2])
            #expect(try get("a", environment, databases[1]) == nil)
        }
    }

    @Test func aTransactionThatThrowsChangesNothing() throws {
        struct Stop: Error {}
        try withEnvironment { (environment, _) throws in
            let databases = try databases(environment)
            #expect(throws: Stop.self) {
                try environment.writeAlone { transaction in
                    try put("a", [1], transaction, databases[0])
                    throw Stop()
                }
            }
            #expect(try get("a", environment, databases[0]) == nil)
        }
    }

    @Test func theMapGrowsUnderReaders() throws {
        try withEnvironment(mapSize: 1 << 16) { environment, _ in
            let database = try databases(environment)[0]
            let done = DispatchSemaphore(value: 0)
            let stop = LockedFlag()
            let seen = Atomic<Int>(0)
            for _ in 0..<3 {
                Thread.detachNewThread {
                    // The last time begins when all is written.
                    var isLast = false
                    repeat {
                        isLast = stop.isSet
                        do {
                            try environment.read { transaction in
                                for i in 0..<50 {
                                    let value = try Array("k\(i)".utf8).withUnsafeBytes {
                                        try transaction.value(of: $0, in: database)
                                    }
                                    if value != nil { _ = seen.add(1, ordering: .relaxed) }
                                    if let value, value.contains(where: { $0 != UInt8(i) }) {
                                        Issue.record("a value changed under a reader")
                                    }
                                }
                            }
                        } catch { Issue.record(error) }
                    } while !isLast
                    done.signal()
                }
            }
            for i in 0..<50 {
                let value = [UInt8](repeating: UInt8(i), count: 100_000)
                try environment.writeAlone { try put("k\(i)", value, $0, database) }
            }
            stop.set()
            for _ in 0..<3 { done.wait() }
            let valuesSeen = seen.load(ordering: .relaxed)
            #expect(valuesSeen > 0)
            #expect(environment.mapSize > 5_000_000)
            for i in 0..<50 { #expect(try get("k\(i)", environment, database)?.count == 100_000) }
        }
    }

    /// Many more threads than cores: one is stopped anywhere while it begins to read, and commits come meanwhile.
    @Test func aReaderSeesTheCommitOfItsNumber() throws {
        try withEnvironment { environment, _ in
            let database = try databases(environment)[0]
            let stop = LockedFlag()
            let seen = Atomic<Int>(0)
            let group = DispatchGroup()
            for _ in 0..<12 {
                group.enter()
                Thread.detachNewThread {
                    defer { group.leave() }
                    // The last time begins after the last commit.
                    var isLast = false
                    repeat {
                        isLast = stop.isSet
                        do {
                            try environment.read { transaction in
                                let value = try value("number", transaction, database)
                                let number = transaction.number
                                if value != nil { _ = seen.add(1, ordering: .relaxed) }
                                if let value, value != bytes(number) { Issue.record("\(value) at commit \(number)") }
                            }
                        } catch { Issue.record(error) }
                    } while !isLast
                }
            }
            let end = ContinuousClock.now + .seconds(2)
            while ContinuousClock.now < end {
                try environment.writeAlone { try put("number", bytes($0.number), $0, database) }
            }
            stop.set()
            group.wait()
            let valuesSeen = seen.load(ordering: .relaxed)
            #expect(valuesSeen > 0)
        }
    }

    private func bytes(_ number: Int) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }

    @Test func openingTwiceGivesTheSameEnvironment() throws {
        try withEnvironment { environment, path in
            let again = try Environment.open(at: path, options: .init())
            #expect(again === environment)
            let link = path + "-link"
            try FileManager.default.linkItem(atPath: path, toPath: link)
            defer { try? FileManager.default.removeItem(atPath: link) }
            #expect(try Environment.open(at: link, options: .init()) === environment)
        }
    }

    @Test func errorsNameTheFile() throws {
        let missing = "/nonexistent/x"
        #expect(throws: LMDBError.notFound(path: missing)) {
            try Environment.open(at: missing, options: .init())
        }
        try withEnvironment { _, path in
            #expect(throws: LMDBError.exists(path: path)) {
                _ = try Environment.create(at: path, databases: ["one"], options: .init()) { _, _ in }
            }
            let text = path + ".txt"
            try String(repeating: "not a database. ", count: 1000).write(
                toFile: text, atomically: true, encoding: .utf8)
            defer {
                try? FileManager.default.removeItem(atPath: text)
                try? FileManager.default.removeItem(atPath: text + "-lock")
            }
            #expect { try Environment.open(at: text, options: .init()) } throws: { error in
                if case LMDBError.notAnEnvironment(text, _) = error { true } else { false }
            }
        }
    }

    @Test func databasesAreAddedWhileOthersReadAndRemovedWhenNobodyDoes() throws {
        try withEnvironment { environment, path in
            let one = try databases(environment)[0]
            try environment.writeAlone { try put("a", [1], $0, one) }
            #expect(try environment.databases(named: ["one", "three"]) == nil)
            try environment.read { transaction in
                try environment.addAlone(named: ["three", "four"]) { try put("b", [2], $0, $1[1]) }
                #expect(try !environment.removeAlone(named: ["three", "four"]))
                #expect(try value("a", transaction, one) == [1])
            }
            #expect(try environment.databaseNames() == ["four", "one", "three", "two"])
            let four = try #require(try environment.databases(named: ["four"]))[0]
            #expect(try get("b", environment, four) == [2])
            #expect(try environment.removeAlone(named: ["three", "four", "five"]))
            #expect(try environment.databaseNames() == ["one", "two"])
            #expect(throws: LMDBError.databaseClosed(path: path)) { try get("b", environment, four) }
            #expect(try environment.databases(named: ["four"]) == nil)
            #expect(try get("a", environment, one) == [1])
        }
    }

    @Test func addingThatFailsLeavesNoDatabase() throws {
        struct Stop: Error {}
        try withEnvironment { (environment, _) throws in
            #expect(throws: Stop.self) { try environment.addAlone(named: ["three"]) { _, _ in throw Stop() } }
            #expect(try environment.databaseNames() == ["one", "two"])
            #expect(try environment.databases(named: ["three"]) == nil)
            try environment.addAlone(named: ["three"]) { try put("c", [3], $0, $1[0]) }
            let three = try #require(try environment.databases(named: ["three"]))[0]
            #expect(try get("c", environment, three) == [3])
        }
    }

    @Test func moreDatabasesThanAllowedAreRefused() throws {
        try withEnvironment { environment, path in
            // Two are there, of eight.
            for name in ["3", "4", "5", "6", "7", "8"] { try environment.addAlone(named: [name]) { _, _ in } }
            #expect(throws: LMDBError.tooManyDatabases(path: path)) {
                try environment.addAlone(named: ["9"]) { _, _ in }
            }
            #expect(try environment.removeAlone(named: ["5"]))
            try environment.addAlone(named: ["9"]) { _, _ in }
            #expect(try environment.databaseNames() == ["3", "4", "6", "7", "8", "9", "one", "two"])
        }
    }

    @Test func manyReadersAtATimeAndAfterOneAnother() throws {
        try withEnvironment { environment, _ in
            let database = try databases(environment)[0]
            func nest(_ depth: Int) throws {
                try environment.read { transaction in
                    if depth > 0 { try nest(depth - 1) }
                    #expect(try value("a", transaction, database) == nil)
                }
            }
            for _ in 0..<3 { try nest(100) }
        }
    }

    @Test func cursorsGoInTheOrderOfBytesAndRemove() throws {
        try withEnvironment { environment, _ in
            let database = try databases(environment)[0]
            try environment.writeAlone { transaction in
                for key in ["b", "a", "c", "d"] { try put(key, Array(key.utf8), transaction, database) }
                try transaction.withCursor(database) { cursor in
                    _ = try Array("b".utf8).withUnsafeBytes { try cursor.seek($0) }
                    try cursor.remove()
                    #expect(try cursor.next().map { Array($0.key) } == Array("c".utf8))
                }
            }
            try environment.read { transaction in
                try transaction.withCursor(database) { cursor in
                    var keys: [String] = []
                    while let entry = try cursor.next() { keys.append(String(decoding: entry.key, as: UTF8.self)) }
                    #expect(keys == ["a", "c", "d"])
                }
            }
        }
    }
}

/// A flag that one thread sets and others read.
private final class LockedFlag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false
    var isSet: Bool { lock.withLock { value } }
    func set() { lock.withLock { value = true } }
}
