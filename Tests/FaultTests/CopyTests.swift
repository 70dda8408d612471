import Foundation
import HashDB
import StoreHistories
import TestSupport
import Testing

/// A backup is the store as of one commit, a compacted store is what it was, and either is there whole or not at all.
@Suite struct CopyTests {
    private struct Stop: Error {}

    /// A store after some steps of a history.
    private func makeStore(_ scratch: Scratch, seed: UInt64, steps: Int) throws -> (String, ExpectedStore) {
        let history = try StoreHistory(seed: seed)
        let path = scratch.file("s.hashdb")
        let store = try Store.create(at: path, bitWidth: history.bitWidth, options: history.options(synchronous: false))
        for number in 1...steps { try history.perform(number, on: store) }
        var expected = ExpectedStore(history)
        expected.advance(to: steps)
        return (path, expected)
    }

    private func model(of path: String) throws -> StoreModel {
        try StoreModel(readingAllOf: Store.open(at: path))
    }

    private func size(of path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    // MARK: Contents

    @Test(arguments: [UInt64(61), 62, 63, 64, 65]) func aBackupIsTheStoreAndGoesOn(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        let (path, before) = try makeStore(scratch, seed: seed, steps: 30)
        var expected = before
        let copy = scratch.file("copy.hashdb")
        let report = try Store.backup(path, to: copy)
        #expect(try report.bytes == size(of: copy) && report.sourceBytes == size(of: path))
        #expect(report.bytes <= report.sourceBytes && !report.hasReplacedRemains)
        #expect(try Store.damagedPages(at: copy) == [])
        var isSame = try model(of: copy) == expected.model
        #expect(isSame)
        let store = try Store.open(at: copy, options: expected.history.options(synchronous: false))
        for number in 31...60 { try expected.history.perform(number, on: store) }
        expected.advance(to: 60)
        isSame = try StoreModel(readingAllOf: store) == expected.model
        #expect(isSame)
        // The store has not changed.
        isSame = try model(of: path) == before.model
        #expect(isSame)
    }

    @Test(arguments: [UInt64(71), 72, 73, 74, 75]) func aCompactedStoreIsWhatItWasAndGoesOn(seed: UInt64) throws {
        let scratch = try Scratch(inMemory: true)
        var (path, expected) = try makeStore(scratch, seed: seed, steps: 20)
        let options = expected.history.options(synchronous: false)
        for round in 1...4 {
            let before = try size(of: path)
            let report = try Store.compact(path, options: options)
            #expect(try report.sourceBytes == before && report.bytes == size(of: path) && report.bytes <= before)
            #expect(try Store.damagedPages(at: path) == [])
            let store = try Store.open(at: path, options: options)
            let isSame = try StoreModel(readingAllOf: store) == expected.model
            #expect(isSame, "round \(round)")
            for number in 20 * round + 1...20 * round + 20 { try expected.history.perform(number, on: store) }
            expected.advance(to: 20 * round + 20)
        }
        let isSame = try model(of: path) == expected.model
        #expect(isSame)
    }

    @Test func allCollectionsAreCopied() throws {
        let scratch = try Scratch(inMemory: true)
        let (path, _) = try makeStore(scratch, seed: 76, steps: 10)
        let code = try BinaryCode(hex: "a5")
        for name in ["one", "two"] {
            let store = try Store.create(at: path, collection: name, bitWidth: 8)
            try store.write { try $0.insert(5, code: code, payload: [1]) }
        }
        let collections = try Store.collections(at: path)
        let copy = scratch.file("copy.hashdb")
        try Store.backup(path, to: copy)
        try Store.compact(path)
        for file in [path, copy] {
            #expect(try Store.collections(at: file) == collections)
            let item = try Store.open(at: file, collection: "two").read { try $0.item(5) }
            #expect(item == Item(id: 5, code: code, payload: [1]))
        }
        // An empty store has trees without pages.
        _ = try Store.create(at: scratch.file("empty"), bitWidth: 64)
        try Store.backup(scratch.file("empty"), to: scratch.file("empty copy"))
        #expect(try Store.open(at: scratch.file("empty copy")).count == 0)
    }

    @Test func compactionGivesBackFreePages() throws {
        let scratch = try Scratch(inMemory: true)
        let path = scratch.file("s.hashdb")
        do {
            let store = try Store.create(at: path, bitWidth: 64)
            let code = try BinaryCode(zeros: 64)
            let payload = [UInt8](repeating: 7, count: 5000)
            try store.write { for id in 0..<1000 { try $0.insert(UInt64(id), code: code, payload: payload) } }
            try store.write { for id in 0..<990 { try $0.delete(UInt64(id)) } }
        }
        let report = try Store.compact(path)
        #expect(report.sourceBytes > 5_000_000 && report.bytes < 200_000, "\(report)")
        #expect(try Store.open(at: path).count == 10)
    }

    /// While another process writes as fast as it can, each backup is what the store was after one of its steps.
    @Test func aBackupWhileAnotherWritesIsOneCommit() throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: 81)
        let path = scratch.file("s.hashdb")
        let writer = try WriterProcess(path, history, from: 1, count: 100_000, synchronous: false, scratch: scratch)
        writer.waitUntilOpen()
        var expected = ExpectedStore(history)
        var between = 0
        for number in 0..<40 {
            let copy = scratch.file("copy\(number)")
            defer { scratch.removeStore(copy) }
            let first = writer.acknowledged ?? 0
            try Store.backup(path, to: copy)
            let last = (writer.acknowledged ?? 0) + 1
            expected.advance(to: first)
            let found = try model(of: copy)
            while found != expected.model, expected.step < last { expected.advance(to: expected.step + 1) }
            let isOne = found == expected.model
            #expect(isOne, "backup \(number) is no step from \(first) to \(last)")
            if last > first + 1 { between += 1 }
        }
        writer.kill()
        _ = writer.finish()
        #expect(between > 5)
    }

    // MARK: Failure

    @Test func whatEndsACopyLeavesNothing() throws {
        let scratch = try Scratch(inMemory: true)
        let (path, expected) = try makeStore(scratch, seed: 91, steps: 20)
        let copy = scratch.file("copy.hashdb")
        #expect(throws: Stop.self) { try Store.backup(path, to: copy) { _, _ in throw Stop() } }
        #expect(throws: Stop.self) { try Store.compact(path) { _, _ in throw Stop() } }
        #expect(throws: HashDBError.storeExists(path: path)) { try Store.backup(path, to: path) }
        #expect { try Store.backup(path, to: scratch.file("no/where")) } throws: {
            "\($0)" == "\(scratch.file("no/where")): there is no such directory"
        }
        #expect(throws: HashDBError.storeNotFound(path: copy)) { try Store.backup(copy, to: copy + "2") }
        #expect(throws: HashDBError.storeNotFound(path: copy)) { try Store.compact(copy) }
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(Set(names) == ["s.hashdb", "s.hashdb-lock"])
        // A file that came into being meanwhile is not replaced.
        #expect(throws: HashDBError.storeExists(path: copy)) {
            try Store.backup(path, to: copy) { _, _ in try Data([1, 2, 3]).write(to: URL(fileURLWithPath: copy)) }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy)) == Data([1, 2, 3]))
        #expect(access(Scratch.unfinished(copy), F_OK) != 0)
        let isSame = try model(of: path) == expected.model
        #expect(isSame)
    }

    @Test func aSecondNameIsNotLeftBehind() throws {
        let scratch = try Scratch(inMemory: true)
        let (path, expected) = try makeStore(scratch, seed: 92, steps: 5)
        let (link, symbolic) = (scratch.file("link"), scratch.file("symbolic"))
        try FileManager.default.linkItem(atPath: path, toPath: link)
        #expect { try Store.compact(path) } throws: { "\($0)".hasPrefix("\(path): it has 2 names") }
        try FileManager.default.removeItem(atPath: link)
        // A symbolic link goes on leading to the store.
        try FileManager.default.createSymbolicLink(atPath: symbolic, withDestinationPath: path)
        try Store.compact(symbolic)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: symbolic) == path)
        let isSame = try model(of: path) == expected.model
        #expect(isSame)
    }

    @Test func permissionsAreKept() throws {
        let scratch = try Scratch(inMemory: true)
        let (path, _) = try makeStore(scratch, seed: 93, steps: 5)
        let copy = scratch.file("copy.hashdb")
        chmod(path, 0o640)
        try Store.backup(path, to: copy)
        try Store.compact(path)
        for file in [path, copy] {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o640)
        }
    }

    /// What one that was killed left is removed; what one that lives writes is not.
    @Test func unfinishedCopiesAreReplacedUnlessSomebodyWritesThem() throws {
        let scratch = try Scratch(inMemory: true)
        let (path, _) = try makeStore(scratch, seed: 94, steps: 5)
        let copy = scratch.file("copy.hashdb")
        for file in [path, copy] {
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: Scratch.unfinished(file)))
        }
        #expect(try Store.backup(path, to: copy).hasReplacedRemains)
        #expect(try Store.compact(path).hasReplacedRemains)
        let other = scratch.file("other")
        try Store.backup(path, to: other) { _, _ in
            #expect(throws: HashDBError.busy(path: Scratch.unfinished(other))) { try Store.backup(path, to: other) }
        }
        #expect(try Store.open(at: other).count == Store.open(at: path).count)
        // Killed between getting its name and losing the other.
        try FileManager.default.linkItem(atPath: path, toPath: Scratch.unfinished(path))
        #expect(try Store.compact(path).hasReplacedRemains)
    }

    /// A damaged page ends the copy, whatever it is of, and never the process.
    @Test func damagedPagesAreRefused() throws {
        let scratch = try Scratch(inMemory: true)
        let (path, expected) = try makeStore(scratch, seed: 95, steps: 30)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var generator = SplitMix64(seed: 95)
        var (refused, copied) = (0, 0)
        for page in 0..<whole.count / 4096 {
            let (damaged, copy) = (scratch.file("d\(page)"), scratch.file("c\(page)"))
            defer { for file in [damaged, copy] { scratch.removeStore(file) } }
            var bytes = whole
            for _ in 0..<1 + page % 3 {
                let at = 4096 * page + Int.random(in: 0..<(page % 2 == 0 ? 16 : 300), using: &generator)
                bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            try Data(bytes).write(to: URL(fileURLWithPath: damaged))
            do {
                if page % 2 == 0 {
                    try Store.backup(damaged, to: copy)
                } else {
                    try FileManager.default.copyItem(atPath: damaged, toPath: copy)
                    try Store.compact(copy)
                }
                copied += 1
                // The page was free, or it is for checksums to tell.
                if let found = try? model(of: copy) {
                    let isSame = found == expected.model
                    #expect(isSame, "page \(page)")
                }
            } catch is HashDBError {
                refused += 1
                #expect(access(Scratch.unfinished(copy), F_OK) != 0)
                if page % 2 == 0 { #expect(access(copy, F_OK) != 0) }
            }
        }
        print("\(refused) damaged stores refused, \(copied) copied")
        #expect(refused > 20 && copied > 0)
    }

    /// Each call that writes a copy fails once: with a full disk, and with a broken one.
    @Test(arguments: [ENOSPC, EIO]) func aDeviceThatFailsLeavesTheStoreAsItWas(code: Int32) throws {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: 2, copies: true)
        let steps = 12
        var failures = 0
        for call in 1..<1000 {
            let store = scratch.file("s\(call).hashdb")
            defer { scratch.removeStore(store) }
            let outcome = try WriterProcess(
                store, history, from: 1, count: steps, synchronous: false, retries: true,
                faults: ["COPY": "\(call):2:\(code)"], scratch: scratch
            ).finish()
            #expect(outcome.status == 0 && outcome.acknowledged == steps, "call \(call): \(outcome)")
            if outcome.failures.isEmpty, call > 20 { break }
            failures += outcome.failures.count
            for failure in outcome.failures { #expect(failure.contains(store), "\(failure)") }
            var expected = ExpectedStore(history)
            try expected.check(Store.open(at: store), acknowledged: steps, "call \(call)")
            try expected.checkCopy(of: store, "call \(call)")
        }
        print("\(failures) copies failed with \(String(cString: strerror(code))), each was made the next time")
        #expect(failures > 10)
    }
}
