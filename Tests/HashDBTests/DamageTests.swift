import Foundation
import HashDB
import TestSupport
import Testing

/// A block whose bytes are not those that were written is never believed.
struct DamageTests {
    @Test func aFlippedBitInABlockIsReportedOrWithoutEffect() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            var generator = SplitMix64(seed: 12)
            let codes = try Distribution.uniform.codes(5000, bitWidth: 64, &generator)
            do {
                let store = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
                try store.bulkLoad { try $0.append(packedCodes: codes.flatMap(\.bytes)) }
            }
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            // Where the codes' blocks lie: pages of LMDB itself carry no checksum.
            let kinds = ["ROWS", "BKTS"].map { Data($0.utf8) }
            let blocks = (0..<good.count / 4096).map { $0 * 4096 + 16 }.filter {
                kinds.contains(good[$0 + 8..<$0 + 12])
            }
            #expect(blocks.count >= 8)
            let items = Dictionary(uniqueKeysWithValues: codes.enumerated().map { (UInt64($0.offset), $0.element) })
            var reported = 0
            for trial in 0..<40 {
                var bad = good
                let block = blocks[Int.random(in: 0..<blocks.count, using: &generator)]
                bad[block + Int.random(in: 0..<4080, using: &generator)] ^=
                    1 << UInt8.random(in: 0..<8, using: &generator)
                let copy = directory + "/copy\(trial)"
                try bad.write(to: URL(fileURLWithPath: copy))
                let store = try Store.open(at: copy, options: .unsynchronised)
                do {
                    for query in [codes[trial], codes[4999 - trial]] {
                        for plan in QueryPlan.allCases {
                            #expect(
                                try store.nearest(to: query, count: 3, plan: plan)
                                    == Array(bruteForce(items, query).prefix(3)))
                        }
                    }
                } catch HashDBError.damaged(let name, let part, _) {
                    #expect(name == copy && part.contains("segment"))
                }
                do { try store.read { try $0.checkInvariants() } } catch HashDBError.damaged { reported += 1 }
            }
            #expect(reported == 40)
        }
    }

    /// Merging goes on behind a commit, and is no part of it.
    @Test func aCommitStandsWhateverTheMergeAfterItMeets() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            var options = Store.Options.unsynchronised
            options.folding.deltaEntries = 10
            options.folding.growth = 2
            var generator = SplitMix64(seed: 4)
            let codes = try Distribution.uniform.codes(22, bitWidth: 64, &generator)
            do {
                let store = try Store.create(at: path, bitWidth: 64, options: options)
                try store.write { transaction in for code in codes[..<11] { _ = try transaction.insert(code: code) } }
            }
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let blocks = (0..<bytes.count / 4096).map { $0 * 4096 + 16 }.filter {
                bytes[$0 + 8..<$0 + 12] == Data("ROWS".utf8)
            }
            #expect(!blocks.isEmpty)
            for block in blocks { bytes[block + 40] ^= 1 }
            let copy = directory + "/copy"
            try bytes.write(to: URL(fileURLWithPath: copy))
            let store = try Store.open(at: copy, options: options)
            try store.write { transaction in for code in codes[11...] { _ = try transaction.insert(code: code) } }
            #expect(try store.count == 22)
            #expect { try store.fold() } throws: { error in
                if case HashDBError.damaged(copy, _, _) = error { true } else { false }
            }
        }
    }

    @Test func aFileThatWasCutOffIsRefusedUnlessItsLastPagesWereNotInUse() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            var generator = SplitMix64(seed: 3)
            let codes = try Distribution.uniform.codes(300, bitWidth: 64, &generator)
            var count = 0
            var refused = 0
            for i in 0..<30 {
                do {
                    let store =
                        i == 0
                        ? try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
                        : try Store.open(at: path, options: .unsynchronised)
                    try store.write { transaction in
                        for code in codes.prefix(i * 10) { _ = try transaction.insert(code: code, payload: code.bytes) }
                    }
                    if i % 4 == 3 { try store.fold() }
                    count = try store.count
                }
                let good = try Data(contentsOf: URL(fileURLWithPath: path))
                let short = directory + "/short\(i)"
                let size = Int.random(in: 20..<good.count, using: &generator)
                try good.prefix(size).write(to: URL(fileURLWithPath: short))
                do {
                    let store = try Store.open(at: short, options: .unsynchronised)
                    try store.read { try $0.checkInvariants() }
                    #expect(try store.count == count)
                } catch is HashDBError { refused += 1 }
            }
            #expect(refused > 20)
        }
    }

    @Test func futureVersionsAndForeignHeadersAreRefusedByName() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            do { _ = try Store.create(at: path, bitWidth: 64, options: .unsynchronised) }
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            let magic = try #require(good.firstRange(of: Data("hashdb\r\n".utf8)))
            func open(_ name: String, _ change: (inout Data) -> Void) throws -> Store {
                var bad = good
                change(&bad)
                try bad.write(to: URL(fileURLWithPath: directory + "/" + name))
                return try Store.open(at: directory + "/" + name, options: .unsynchronised)
            }
            #expect(throws: HashDBError.unsupportedVersion(path: directory + "/a", found: 99)) {
                try open("a") { $0[magic.lowerBound + 8] = 99 }
            }
            #expect { try open("b") { $0[magic.lowerBound] = 0 } } throws: { "\($0)".contains("not a hashdb store") }
            #expect { try open("c") { $0[magic.lowerBound + 12] = 0 } } throws: { "\($0)".contains("byte order") }
            #expect { try open("d") { $0[magic.lowerBound + 16] = 8 } } throws: {
                "\($0)".contains("damaged in header")
            }
        }
    }
}
