import Foundation
import HashDB
import Testing

/// What becomes of an open store when its name stands for nothing, or for something else: an error, or answers from what is there.
@Suite struct ReplacedFileTests {
    /// A store whose items have the ids from one number on, each with a code of 64 bits that tells the id.
    @discardableResult
    private func makeStore(_ path: String, ids: Range<UInt64>, bitWidth: Int = 64) throws -> Store {
        let store = try Store.create(at: path, bitWidth: bitWidth, options: .unsynchronised)
        try store.write { transaction in
            for id in ids { try transaction.insert(id, code: code(id, bitWidth: bitWidth)) }
        }
        return store
    }

    private func code(_ id: UInt64, bitWidth: Int = 64) throws -> BinaryCode {
        try BinaryCode(bytes: (0..<bitWidth / 8).map { UInt8(truncatingIfNeeded: id >> (8 * UInt64($0 % 8))) })
    }

    private func ids(of store: Store) throws -> [UInt64] {
        try store.read { snapshot in
            try snapshot.checkInvariants()
            var ids: [UInt64] = []
            try snapshot.forEachItem { item in
                #expect(item.code == (try? code(item.id, bitWidth: store.bitWidth)))
                ids.append(item.id)
                return true
            }
            return ids.sorted()
        }
    }

    private func remove(_ path: String) {
        for suffix in ["", "-lock"] { unlink(path + suffix) }
    }

    /// Makes another process of this store: its file, and not the lock file, takes the name.
    private func move(_ path: String, to other: String) throws {
        unlink(path + "-lock")
        guard rename(path, other) == 0 else { throw POSIXError(.EIO) }
    }

    /// What is the error of a body within a second; a read may be late.
    private func firstError(_ body: () throws -> Void) -> HashDBError? {
        let end = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < end {
            do { try body() } catch { return error as? HashDBError }
            usleep(5000)
        }
        return nil
    }

    @Test func aStoreThatWasRemovedIsNotFoundUntilThereIsOneAgain() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let store = try makeStore(path, ids: 0..<100)
            try store.read { snapshot in
                unlink(path)
                // What a snapshot sees stays.
                try snapshot.checkInvariants()
                #expect(snapshot.count == 100)
            }
            let missing = HashDBError.storeNotFound(path: path)
            #expect(throws: missing) { try store.write { try $0.insert(code: code(1)) } }
            #expect(firstError { _ = try store.count } == missing)
            #expect(throws: missing) { try Store.open(at: path) }
            let new = try makeStore(path, ids: 5..<9)
            #expect(try ids(of: new) == [5, 6, 7, 8])
            #expect(try ids(of: store) == [5, 6, 7, 8])
            #expect(try ids(of: Store.open(at: path)) == [5, 6, 7, 8])
        }
    }

    @Test func theDirectoryMayBeRemovedToo() throws {
        try withTemporaryDirectory { directory in
            let folder = directory + "/folder"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let path = folder + "/s.hashdb"
            let store = try makeStore(path, ids: 0..<100)
            try FileManager.default.removeItem(atPath: folder)
            let missing = HashDBError.storeNotFound(path: path)
            #expect(throws: missing) { try store.write { try $0.insert(code: code(1)) } }
            #expect(firstError { _ = try store.nearest(to: code(1), count: 1) } == missing)
        }
    }

    @Test(arguments: [true, false]) func aStoreOfTheSameKindIsTakenOver(writesFirst: Bool) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let store = try makeStore(path, ids: 0..<100)
            try makeStore(directory + "/other.hashdb", ids: 1000..<1500)
            try move(directory + "/other.hashdb", to: path)
            if writesFirst {
                try store.write { try $0.insert(1, code: code(1)) }
            } else {
                usleep(250_000)
            }
            #expect(try ids(of: store) == (writesFirst ? [1] : []) + Array(1000..<1500))
            #expect(try store.nearest(to: code(1234), count: 1) == [Match(id: 1234, distance: 0)])
            // There is one environment of it in the process.
            let again = try Store.open(at: path, options: .unsynchronised)
            try again.write { try $0.insert(2, code: code(2)) }
            #expect(try store.count == (writesFirst ? 502 : 501))
        }
    }

    @Test func aStoreOfAnotherKindIsAnError() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let store = try makeStore(path, ids: 0..<100)
            try makeStore(directory + "/other.hashdb", ids: 1000..<1500, bitWidth: 128)
            try move(path, to: directory + "/kept.hashdb")
            try move(directory + "/other.hashdb", to: path)
            let gone = HashDBError.collectionRemoved(path: path)
            #expect(throws: gone) { try store.write { try $0.insert(code: code(1)) } }
            #expect(firstError { _ = try store.count } != nil)
            let new = try Store.open(at: path, options: .unsynchronised)
            #expect(try ids(of: new) == Array(1000..<1500))
            #expect(throws: gone) { try store.write { try $0.insert(code: code(1)) } }
            // What is brought back is used again.
            try move(path, to: directory + "/other.hashdb")
            try move(directory + "/kept.hashdb", to: path)
            try store.write { try $0.insert(100, code: code(100)) }
            #expect(try ids(of: store) == Array(0...100))
        }
    }

    @Test func whatIsNoStoreIsAnError() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let store = try makeStore(path, ids: 0..<100)
            try move(path, to: directory + "/kept.hashdb")
            let text = String(repeating: "not a store. ", count: 100)
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            #expect {
                try store.write { try $0.insert(code: code(1)) }
            } throws: { if case HashDBError.notAStore(path, _) = $0 { true } else { false } }
            #expect(firstError { _ = try store.count } != nil)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
            try move(directory + "/kept.hashdb", to: path)
            #expect(try ids(of: store) == Array(0..<100))
        }
    }

    @Test func aSnapshotIsWhatItWasWhileAnotherFileTakesTheName() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let store = try makeStore(path, ids: 0..<100)
            try makeStore(directory + "/other.hashdb", ids: 1000..<1500)
            try store.read { snapshot in
                try move(directory + "/other.hashdb", to: path)
                usleep(250_000)
                #expect(snapshot.count == 100)
                // A further snapshot within the first cannot change the file.
                #expect(try store.count == 100)
                try snapshot.checkInvariants()
            }
            #expect(try ids(of: store) == Array(1000..<1500))
        }
    }

    @Test func threadsReadOnWhileStoresTakeEachOthersPlace() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let store = try makeStore(path, ids: 0..<100)
            let isDone = Flag()
            let group = DispatchGroup()
            for _ in 0..<3 {
                let thread = Thread {
                    defer { group.leave() }
                    var last: UInt64 = 0
                    do {
                        while !isDone.isSet {
                            let ids = try self.ids(of: store)
                            // Each is whole, and none comes after a later one.
                            guard let first = ids.first, ids == Array(first..<first + 100), first >= last else {
                                Issue.record("\(ids)")
                                return
                            }
                            last = first
                        }
                    } catch { Issue.record(error) }
                }
                group.enter()
                thread.start()
            }
            for round in UInt64(1)...20 {
                let other = directory + "/\(round).hashdb"
                try makeStore(other, ids: round * 1000..<round * 1000 + 100)
                // The lock file stays, as it does for `compact`.
                unlink(other + "-lock")
                guard rename(other, path) == 0 else { throw POSIXError(.EIO) }
                usleep(20_000)
            }
            usleep(250_000)
            isDone.set()
            group.wait()
            #expect(try ids(of: store).first == 20_000)
        }
    }

    @Test func aFileThatHasTheNameOfTheLockFileIsLeftAlone() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let text = "somebody's notes"
            try text.write(toFile: path + "-lock", atomically: false, encoding: .utf8)
            func isNamed(_ error: any Error) -> Bool {
                if case HashDBError.system(path + "-lock", _, _) = error { true } else { false }
            }
            #expect { try makeStore(path, ids: 0..<1) } throws: { isNamed($0) }
            #expect(access(path, F_OK) != 0)
            unlink(path + "-lock")
            do { try makeStore(path, ids: 0..<1) }
            unlink(path + "-lock")
            try text.write(toFile: path + "-lock", atomically: false, encoding: .utf8)
            #expect { try Store.open(at: path) } throws: { isNamed($0) }
            #expect(try String(contentsOfFile: path + "-lock", encoding: .utf8) == text)
        }
    }

    /// A lock file that another process is making has its length before its number.
    @Test func aLockFileThatIsBeingMadeIsWaitedFor() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            do { try makeStore(path, ids: 0..<10) }
            let lock = path + "-lock"
            let made = try Data(contentsOf: URL(fileURLWithPath: lock))
            unlink(lock)
            try Data(count: made.count).write(to: URL(fileURLWithPath: lock))
            #expect(throws: HashDBError.self) { try Store.open(at: path) }
            let file = try #require(FileHandle(forUpdatingAtPath: lock))
            let other = Thread {
                usleep(100_000)
                file.write(made)
            }
            other.start()
            #expect(try Store.open(at: path).count == 10)
        }
    }

    @Test func aLinkLeadsToTheSameStoreAndLockFile() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let link = directory + "/link.hashdb"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "s.hashdb")
            let store = try makeStore(path, ids: 0..<100)
            let other = try Store.open(at: link, options: .unsynchronised)
            try other.write { try $0.insert(100, code: code(100)) }
            #expect(try store.count == 101)
            #expect(access(link + "-lock", F_OK) != 0)
        }
    }

    @Test func theDirectoryOfTheProcessMayChange() async throws {
        await #expect(processExitsWith: .success) {
            try withTemporaryDirectory { directory in
                #expect(chdir(directory) == 0)
                let store = try Store.create(at: "s.hashdb", bitWidth: 8, options: .unsynchronised)
                #expect(chdir("/") == 0)
                for id in UInt64(1)...3 { try store.write { try $0.insert(id, code: BinaryCode(hex: "a5")) } }
                usleep(250_000)
                #expect(try store.count == 3)
                #expect(try Store.open(at: directory + "/s.hashdb").count == 3)
            }
        }
    }
}

/// A flag that one thread sets and others read.
private final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false
    var isSet: Bool { lock.withLock { value } }
    func set() { lock.withLock { value = true } }
}
