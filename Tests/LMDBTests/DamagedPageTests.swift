import Foundation
import LMDB
import TestSupport
import Testing

/// What a damaged page says is an error to who looks something up, and never an end of the process or bytes that are not the file's.
struct DamagedPageTests {
    private static let keys = (100..<400).map { Array("key\($0)".utf8) }

    /// Runs `body` with an environment whose database has entries on many pages.
    private func withEntries(
        ofBytes count: Int, _ body: (_ environment: Environment, _ path: String, _ database: Database) throws -> Void
    ) throws {
        try withEnvironment { environment, path in
            let database = try #require(try environment.databases(named: ["one"])?.first)
            try environment.writeAlone { transaction in
                for key in Self.keys {
                    try key.withUnsafeBytes { key in
                        try [UInt8](repeating: 7, count: count).withUnsafeBytes {
                            try transaction.set(key, to: $0, in: database)
                        }
                    }
                }
            }
            try body(environment, path, database)
        }
    }

    /// Changes the file beneath LMDB.
    private func change(
        _ path: String, pageSize: Int, _ body: (inout Data) throws -> Void
    ) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var bytes = whole
        try body(&bytes)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? file.close() }
        for page in stride(from: 0, to: bytes.count, by: pageSize) {
            let range = page..<min(page + pageSize, bytes.count)
            guard bytes[range] != whole[range] else { continue }
            try file.seek(toOffset: UInt64(page))
            try file.write(contentsOf: bytes[range])
        }
    }

    private func countEntries(_ environment: Environment, _ database: Database) throws -> Int {
        try environment.read { transaction in
            try transaction.withCursor(database) { cursor in
                var (count, sum) = (0, 0)
                while let entry = try cursor.next() {
                    count += 1
                    sum += entry.value.reduce(0) { $0 + Int($1) }
                }
                return sum > 0 ? count : 0
            }
        }
    }

    private func isDamage(_ error: any Error, of path: String) -> Bool {
        switch error {
        case LMDBError.damaged(path, _, _), LMDBError.cutOff(path, _, _): true
        default: false
        }
    }

    /// A number of a page that names a commit, which LMDB would believe.
    struct ImpossibleNumber: CustomTestStringConvertible, Sendable {
        let name: String
        let offset: Int
        let bytes: Int
        let value: UInt64

        var testDescription: String { "\(name) \(value)" }

        static let all =
            [0, 1, 4097, 1 << 20].map { Self(name: "page size", offset: 40, bytes: 4, value: $0) }
            + [1 << 20, 1 << 27, 1 << 40, 1 << 52, .max].map {
                Self(name: "last page", offset: 136, bytes: 8, value: $0)
            }
            + [1 << 40, 1 << 62, 1 << 63, .max].map { Self(name: "commit", offset: 144, bytes: 8, value: $0) }
    }

    /// In either place, the file is left as it is, and what it holds can still be found.
    @Test(arguments: ImpossibleNumber.all, [0, 1]) func aCommitThatCannotBeIsDamage(
        number: ImpossibleNumber, place: Int
    ) throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let (whole, path) = (folder.file("whole"), folder.file("damaged"))
        let pageSize = try {
            let environment = try MeetingPlace.create(whole, commits: 6)
            return environment.pageSize
        }()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        // Only the newer of the two commits says how many pages there are.
        let newer = [0, 1].max { first, second in
            bytes[first * pageSize + 144] < bytes[second * pageSize + 144]
        }
        let at = place * pageSize + number.offset
        withUnsafeBytes(of: number.value.littleEndian) {
            bytes.replaceSubrange(at..<at + number.bytes, with: $0.prefix(number.bytes))
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        let isOfLater = number.name == "last page" && number.value < 1 << 34 && place != newer
        for _ in 0..<2 where !isOfLater {
            let error = try #require(throws: LMDBError.self) { try Environment.open(at: path, options: .forTests()) }
            // Where there are not so many addresses, that is the error.
            let isTooLarge = if case .failed(path, ENOMEM, _) = error { true } else { false }
            #expect(isDamage(error, of: path) || isTooLarge && number.value == 1 << 27, "\(error)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
        let problems = try PageFile.examine(path, within: .seconds(1)) { file in
            let walk = PageWalk(file)
            walk.checkAll()
            return walk.problems
        }
        #expect(isOfLater || !problems.isEmpty)
    }

    /// LMDB asserts that the page that a cursor goes on to is a leaf.
    @Test func aLostLeafIsDamageToACursor() throws {
        try withEntries(ofBytes: 100) { environment, path, database in
            #expect(try countEntries(environment, database) == Self.keys.count)
            let pageSize = environment.pageSize
            try change(path, pageSize: pageSize) { bytes in
                // One in the middle of the leaves, which are marked by 2.
                let leaves = stride(from: 0, to: bytes.count, by: pageSize).filter { bytes[$0 + 10] == 2 }
                try #require(leaves.count > 8)
                let lost = leaves[leaves.count / 2]
                bytes.replaceSubrange(lost..<lost + pageSize, with: repeatElement(0, count: pageSize))
            }
            for _ in 0..<2 {
                let error = try #require(throws: LMDBError.self) { try countEntries(environment, database) }
                #expect(isDamage(error, of: path))
            }
        }
    }

    /// What is shorter than half a page lies on a leaf, and what is longer on pages of its own.
    @Test(arguments: [100, 10_000]) func aLengthThatIsWrongIsDamage(count: Int) throws {
        try withEntries(ofBytes: count) { environment, path, database in
            try change(path, pageSize: environment.pageSize) { bytes in
                // The length, flags, the length of the key, and the key.
                let key = Self.keys[200]
                let flags: UInt8 = count == 100 ? 0 : 1
                let node =
                    withUnsafeBytes(of: UInt32(count).littleEndian, Array.init) + [flags, 0, UInt8(key.count), 0]
                    + key
                var isThere = false
                while let place = bytes.firstRange(of: node) {
                    bytes[place.lowerBound + 3] = 0x7F
                    isThere = true
                }
                #expect(isThere)
            }
            let error = try #require(throws: LMDBError.self) { try countEntries(environment, database) }
            #expect(isDamage(error, of: path))
            let other = try #require(throws: LMDBError.self) {
                try environment.read { transaction in
                    try Self.keys[200].withUnsafeBytes { key in
                        try transaction.value(of: key, in: database).map { $0.reduce(0) { $0 + Int($1) } }
                    }
                }
            }
            #expect(isDamage(other, of: path))
            let isThere = try environment.read { transaction in
                try Self.keys[3].withUnsafeBytes { try transaction.value(of: $0, in: database)?.count }
            }
            #expect(isThere == count)
        }
    }
}
