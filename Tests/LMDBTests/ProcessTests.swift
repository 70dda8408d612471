import Foundation
import LMDB
import Testing

/// What processes that have one file open owe each other. Each exit test runs its closure in a process of its own.
@Suite(.serialized) struct ProcessTests {
    static func open(mapSize: Int = 1 << 20) throws -> Environment {
        try Environment.open(at: try MeetingPlace.file(), options: .forTests(mapSize: mapSize))
    }

    /// Gives the name to a new file of so many commits, which nobody has open.
    private func replace(_ path: String, commits: Int) throws {
        let other = path + "-other"
        _ = try MeetingPlace.create(other, commits: commits)
        unlink(other + "-lock")
        guard rename(other, path) == 0 else { throw POSIXError(.EIO) }
    }

    /// Keys of a file of so many commits, of which the first has none, and others.
    private func keys(_ commits: Int, and others: String...) -> [String] {
        ((1..<commits).map { "\($0)" } + others).sorted()
    }

    // MARK: The lock file

    /// Who opens the new file is told numbers of the old one.
    @Test(arguments: [5, 8, 9]) func aFileInThePlaceOfOneWithMoreCommitsLosesNone(commits: Int) async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: 10)
            try replace(path, commits: commits)
            await #expect(processExitsWith: .success) {
                let environment = try ProcessTests.open()
                let before = try environment.keys()
                try environment.set("other")
                let after = try environment.keys()
                #expect(after == before + ["other"])
            }
            #expect(try PageFile.examine(path, within: .seconds(1)) { $0.metaProblems } == [])
            try environment.set("own")
            #expect(try environment.keys() == keys(commits, and: "other", "own"))
            await #expect(processExitsWith: .success) {
                let environment = try ProcessTests.open()
                #expect(try environment.keys().contains("own"))
            }
        }
    }

    /// The numbers of the old one cannot be met.
    @Test(arguments: [6, 7, 20]) func aFileInThePlaceOfOneWithFewerCommitsIsNotOpened(commits: Int) async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: 5)
            try replace(path, commits: commits)
            await #expect(processExitsWith: .success) {
                let path = try MeetingPlace.file()
                #expect {
                    try ProcessTests.open()
                } throws: { error in
                    guard case LMDBError.failed(path, EBUSY, let reason) = error else { return false }
                    return reason.contains("lock file")
                }
            }
            // Who has the old one open goes over to the new, and then it can be.
            try environment.set("own")
            await #expect(processExitsWith: .success) {
                try ProcessTests.open().set("other")
            }
            #expect(try environment.keys() == keys(commits, and: "other", "own"))
        }
    }

    @Test func aLockFileThatWasRemovedCostsNoCommit() async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: 4)
            unlink(path + "-lock")
            await #expect(processExitsWith: .success) {
                let environment = try ProcessTests.open()
                for key in ["a", "b"] { try environment.set(key) }
            }
            try environment.set("c")
            #expect(try environment.keys() == keys(4, and: "a", "b", "c"))
            unlink(path + "-lock")
            await #expect(processExitsWith: .success) {
                let environment = try ProcessTests.open()
                #expect(try environment.keys().contains("c"))
                try environment.set("d")
            }
            // A reader may be late by a tenth of a second.
            usleep(250_000)
            #expect(try environment.keys().contains("d"))
        }
    }

    /// A writer who has not noticed that the lock file was removed counts in the old one.
    @Test func aReaderSeesTheCommitsOfAWriterWithAnotherLockFile() async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: 4)
            let hasEnded = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                defer { hasEnded.signal() }
                do {
                    try environment.asWriter(within: .seconds(1)) {
                        unlink(path + "-lock")
                        try MeetingPlace.tell("removed")
                        try MeetingPlace.wait(for: "opened")
                        for key in ["a", "b", "c"] { try environment.write { try put(key, $0, environment) } }
                        try MeetingPlace.tell("written")
                        try MeetingPlace.wait(for: "read")
                    }
                } catch { Issue.record(error) }
            }
            await #expect(processExitsWith: .success) {
                try MeetingPlace.wait(for: "removed")
                let environment = try ProcessTests.open()
                #expect(try environment.keys() == ["1", "2", "3"])
                try MeetingPlace.tell("opened")
                try MeetingPlace.wait(for: "written")
                #expect(try environment.keys() == ["1", "2", "3", "a", "b", "c"])
                try MeetingPlace.tell("read")
                try environment.set("later")
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    hasEnded.wait()
                    continuation.resume()
                }
            }
            try environment.set("last")
            #expect(try environment.keys() == keys(4, and: "a", "b", "c", "later", "last"))
        }
    }

    @Test(arguments: [9, 10]) func aFileThatGoesOnCountingIsInOrder(commits: Int) async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: commits)
            unlink(path)
            await #expect(processExitsWith: .success) {
                let path = try MeetingPlace.file()
                let environment = try MeetingPlace.create(path, commits: 1)
                let number = try environment.read { $0.number }
                #expect(number >= 9)
                #expect(try PageFile.examine(path, within: .seconds(1)) { $0.metaProblems } == [])
                try environment.set("a")
                #expect(try PageFile.examine(path, within: .seconds(1)) { $0.metaProblems } == [])
            }
            try environment.set("b")
            #expect(try environment.keys() == ["a", "b"])
        }
    }

    // MARK: The right to write

    /// A lock that a child has too outlives its parent.
    @Test func aForkedChildDoesNotHaveTheLock() async {
        await #expect(processExitsWith: .success) {
            try withEnvironment { environment, path in
                typealias Fork = @convention(c) () -> pid_t
                let fork = unsafeBitCast(try #require(dlsym(nil, "fork")), to: Fork.self)
                try environment.asWriter(within: .seconds(1)) {
                    let before = descriptorCount(of: path)
                    let child = fork()
                    if child == 0 { _exit(descriptorCount(of: path) == before - 1 ? 0 : 2) }
                    var status: Int32 = 0
                    #expect(waitpid(child, &status, 0) == child)
                    #expect(status == 0, "exit status \(status >> 8), signal \(status & 127)")
                    // The parent has it as before.
                    #expect(throws: LMDBError.nestedWrite(path: path)) {
                        try PageFile.examine(path, within: .zero) { _ in }
                    }
                }
                try PageFile.examine(path, within: .zero) { _ in }
            }
        }
    }

    // MARK: Readers

    @Test func placesOfTheDeadAreGivenBackWhereAllAreTaken() async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: 2)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let environment = try ProcessTests.open()
                var held: [Held] = []
                while let transaction = try? environment.heldTransaction() { held.append(Held(transaction)) }
                if held.count > 2000 { kill(getpid(), SIGKILL) }
            }
            // More than rest here.
            func nest(_ depth: Int) throws {
                try environment.read { transaction in
                    #expect(transaction.number == 2)
                    if depth > 0 { try nest(depth - 1) }
                }
            }
            try nest(40)
        }
    }

    // MARK: The map

    @Test func aMapIsNoLargerThanItMustBe() async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: 2, mapSize: 1 << 16)
            await #expect(processExitsWith: .success) {
                let environment = try ProcessTests.open(mapSize: 1 << 36)
                try environment.set("large", [UInt8](repeating: 1, count: 5_000_000))
            }
            #expect(try environment.keys() == ["1", "large"])
            #expect((5_000_000..<20_000_000).contains(environment.mapSize))
        }
    }

    #if os(Linux)
        /// A writer who is told of both can still open the file anew.
        @Test func aCountThatIsWrongIsNoticedWhereTheMapIsTooSmall() async throws {
            try await MeetingPlace.with { path in
                let environment = try MeetingPlace.create(path, commits: 99, mapSize: 1 << 20)
                await #expect(processExitsWith: .success) {
                    let environment = try ProcessTests.open(mapSize: 1 << 36)
                    try environment.set("large", [UInt8](repeating: 1, count: 50_000_000))
                    // As somebody does who goes on with a file that had the name before.
                    try addToCount(2, of: try MeetingPlace.file(), where: 100)
                }
                try environment.set("own")
                #expect(try environment.keys() == keys(99, and: "large", "own"))
                #expect(try PageFile.examine(path, within: .seconds(1)) { $0.metaProblems } == [])
            }
        }
    #endif
}

private func put(_ key: String, _ transaction: borrowing WriteTransaction, _ environment: Environment) throws {
    let database = try #require(try environment.databases(named: ["one"]))[0]
    try Array(key.utf8).withUnsafeBytes { try transaction.set($0, to: $0, in: database) }
}

/// Changes the number of the last commit in the lock file of LMDB 0.9: 8 bytes, after two numbers of 32 bits and a mutex.
private func addToCount(_ difference: Int, of path: String, where count: Int) throws {
    let place = off_t(8 + MemoryLayout<pthread_mutex_t>.size)
    let descriptor = open(path + "-lock", O_RDWR)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var number = 0
    let read = pread(descriptor, &number, 8, place)
    try #require(read == 8 && number == count)
    number += difference
    let written = pwrite(descriptor, &number, 8, place)
    try #require(written == 8)
}

/// How many descriptors of this process are of a file.
private func descriptorCount(of path: String) -> Int {
    var file = stat()
    guard stat(path, &file) == 0 else { return 0 }
    return (0..<256 as Range<Int32>).count { descriptor in
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_ino == file.st_ino && status.st_dev == file.st_dev
    }
}

private final class Held {
    let transaction: ReadTransaction

    init(_ transaction: consuming ReadTransaction) { self.transaction = transaction }
}
