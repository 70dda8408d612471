import HashDB
import TestSupport
import Testing

/// A segment can have so many rows and no more: what is loaded or folded beyond that becomes several.
struct SegmentLimitTests {
    @Test(arguments: [false, true]) func noSegmentHasMoreRowsThanItCan(isOrdered: Bool) throws {
        var generator = SplitMix64(seed: 8)
        try withTemporaryDirectory { directory in
            var options = Store.Options.unsynchronised
            options.folding.rowBlockBits = 6
            options.folding.maximumRows = 300
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: options)
            var items: [UInt64: BinaryCode] = [:]
            let query = try Distribution.uniform.codes(1, bitWidth: 64, &generator)[0]

            func load(_ ids: [UInt64]) throws {
                let codes = try Distribution.uniform.codes(ids.count, bitWidth: 64, &generator)
                try store.loading(runLength: 100) { loader in
                    try loader.append(ids: ids, packedCodes: codes.flatMap(\.bytes))
                }
                for (id, code) in zip(ids, codes) { items[id] = code }
            }
            func check(_ tombstones: ClosedRange<Int>) throws {
                try store.read { snapshot in
                    try snapshot.checkInvariants()
                    let segments = try snapshot.statistics().segments
                    #expect(segments.count >= 4 && segments.allSatisfy { $0.rows <= 300 })
                    #expect(tombstones.contains(segments.reduce(0) { $0 + $1.tombstones }))
                    let found = try snapshot.nearest(to: query, count: 2000)
                    #expect(found == bruteForce(items, query))
                }
            }

            var ids = Array(0..<1000 as Range<UInt64>)
            if !isOrdered { ids.shuffle(using: &generator) }
            try load(ids + ids.prefix(100))
            try check(0...0)
            // A merge of one segment may have left them out already.
            try load(Array(950..<1050 as Range<UInt64>))
            try check(0...50)
            try store.fold()
            try check(0...0)
        }
    }
}
