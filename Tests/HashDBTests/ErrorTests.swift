import Foundation
import HashDB
import TestSupport
import Testing

/// What goes wrong beneath a store is a `HashDBError` within the closures that read and load, too, and damage is not taken for another kind
/// of file.
struct ErrorTests {
    private typealias Call = (borrowing Snapshot) throws -> Void

    /// Makes a store of 700 items that has something to look up in each of its databases.
    ///
    /// Payloads and attributes have more than a page of keys. Nothing is left in the delta, whose blocks are looked at where they lie.
    private static func makeStore(at path: String) throws {
        var generator = SplitMix64(seed: 61)
        let codes = try Distribution.uniform.codes(700, bitWidth: 64, &generator)
        let store = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
        try store.bulkLoad { try $0.append(packedCodes: codes[..<600].flatMap(\.bytes)) }
        try store.write { transaction in
            for code in codes[600...] {
                _ = try transaction.insert(code: code, payload: [UInt8](repeating: 1, count: 100))
            }
            for number in 0..<300 { try transaction.setAttribute([1, 2, 3], forKey: "attribute \(number)") }
        }
        try store.fold()
    }

    private static func losePage(_ page: Int, of path: String) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(page) * 4096)
        try file.write(contentsOf: Data(count: 4096))
        try file.close()
    }

    /// Whether a call, or the beginning of the snapshot, finds damage; whatever else is thrown is passed on.
    private static func findsDamage(_ store: Store, _ call: Call) throws -> Bool {
        let path = store.path
        var hasBegun = false
        do {
            return try store.read { snapshot in
                hasBegun = true
                var found = 0
                // LMDB goes on with no transaction that has met damage: the second time says what the first did.
                for _ in 0..<2 {
                    do { try call(snapshot) } catch HashDBError.damaged(path, _, _) { found += 1 }
                }
                #expect(found != 1)
                return found > 0
            }
        } catch HashDBError.damaged(path, _, _) where !hasBegun { return true }
    }

    /// Each page is lost before the store is opened, or while it is open.
    @Test(arguments: [false, true]) func aLostPageIsDamageToWhoeverReadsIt(isOpen: Bool) throws {
        let query = try BinaryCode(zeros: 64)
        let calls: [Call] = [
            { try $0.forEachItem { _ in true } },
            { try $0.forEachAttribute(withPrefix: "") { _, _ in true } },
            { _ = try $0.nearest(to: query, count: 3) },
            { _ = try $0.sizes() },
            { _ = try $0.statistics() },
        ]
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            try Self.makeStore(at: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            var found = [Int](repeating: 0, count: calls.count)
            // LMDB looks at the first two when it opens the file, and trusts them from then on.
            for page in (isOpen ? 2 : 0)..<whole.count / 4096 {
                let copy = directory + "/copy\(page)"
                try whole.write(to: URL(fileURLWithPath: copy))
                if !isOpen { try Self.losePage(page, of: copy) }
                let store: Store
                do {
                    store = try Store.open(at: copy, options: .unsynchronised)
                } catch HashDBError.damaged(copy, _, _) where !isOpen {
                    continue
                } catch HashDBError.notAStore(copy, _) where page < 2 {
                    continue
                }
                if isOpen {
                    #expect(try store.count == 700)
                    try Self.losePage(page, of: copy)
                }
                for (index, call) in calls.enumerated() where try Self.findsDamage(store, call) { found[index] += 1 }
            }
            #expect(found[0] > 5, "\(found)")
            // What the last one looks up by itself is looked up by `open`, too.
            #expect(found.prefix(isOpen ? 5 : 4).allSatisfy { $0 > 0 }, "\(found)")
        }
    }

    /// Another program may have an entry of that name in its file.
    @Test func aFileInWhichTheNameIsNoDatabaseIsNotAStore() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            try Self.makeStore(at: path)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // An entry's flags, of which 2 makes it a database, the length of its key, and the key.
            let entry = Data([2, 0, 4, 0]) + Data("meta".utf8)
            while let place = bytes.firstRange(of: entry) { bytes[place.lowerBound] = 0 }
            let copy = directory + "/copy"
            try bytes.write(to: URL(fileURLWithPath: copy))
            #expect(throws: HashDBError.notAStore(path: copy, reason: "its entry meta is no database")) {
                try Store.open(at: copy, options: .unsynchronised)
            }
        }
    }

    /// Loads runs that descend, each of which is written within the closure as soon as the next begins.
    private static func load(_ store: Store, catching body: (HashDBError) throws -> Void) throws {
        let code = try BinaryCode(zeros: 64)
        try store.loading(runLength: 5000) { loader in
            do {
                for id in (0..<40_000 as Range<UInt64>).reversed() { try loader.append(id: id, code: code) }
            } catch let error as HashDBError { try body(error) }
        }
    }

    @Test func aLoadThatCannotGrowTheMapSaysSoWithinItsClosure() throws {
        try withTemporaryDirectory { directory in
            var options = Store.Options.unsynchronised
            options.initialMapSize = 1 << 18
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: options)
            // Within a snapshot the map stays where it is.
            try store.read { snapshot in
                #expect(throws: Stop.self) {
                    try Self.load(store) { error in
                        guard case .system(_, let code, _) = error, code == Int(EDEADLK) else { throw error }
                        throw Stop()
                    }
                }
                #expect(snapshot.count == 0)
            }
            #expect(try store.count == 0)
        }
    }

    #if canImport(Glibc)
        @Test func aLoadThatMeetsALimitOnTheSizeOfFilesSaysSoWithinItsClosure() async {
            await #expect(processExitsWith: .success) {
                // The system would say it by a signal, too.
                signal(SIGXFSZ, SIG_IGN)
                try withTemporaryDirectory { directory in
                    let path = directory + "/s"
                    let store = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
                    var before = rlimit()
                    try #require(getrlimit(fileSize, &before) == 0)
                    var limit = rlimit(rlim_cur: 200 << 10, rlim_max: before.rlim_max)
                    try #require(setrlimit(fileSize, &limit) == 0)
                    #expect(throws: Stop.self) {
                        try ErrorTests.load(store) { error in
                            guard case .diskFull(path, _) = error else { throw error }
                            throw Stop()
                        }
                    }
                    #expect(try store.count == 0)
                    try #require(setrlimit(fileSize, &before) == 0)
                    try ErrorTests.load(store) { throw $0 }
                    #expect(try store.count == 40_000)
                }
            }
        }
    #endif
}

/// What a test throws out of a closure when it has seen there what it looks for.
private struct Stop: Error {}

#if canImport(Glibc)
    private let fileSize = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
#endif
