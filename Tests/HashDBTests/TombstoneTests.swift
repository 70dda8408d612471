import HashDB
import TestSupport
import Testing

/// A store that is open goes on from the deleted rows that it knows, and must come to those that one finds that knows nothing.
struct TombstoneTests {
    @Test func deletionsOneByOneAreSeenByAll() throws {
        var generator = SplitMix64(seed: 5)
        try withTemporaryDirectory { directory in
            var options = Store.Options.unsynchronised
            options.folding.rowBlockBits = 6
            let path = directory + "/s"
            let store = try Store.create(at: path, bitWidth: 64, options: options)
            let late = try Store.open(at: path, options: options)
            let codes = try Distribution.uniform.codes(1000, bitWidth: 64, &generator)
            try store.bulkLoad { try $0.append(packedCodes: codes.flatMap(\.bytes)) }
            var left = Set(0..<1000 as Range<UInt64>)
            func check(_ store: Store) throws {
                try store.read { snapshot in
                    try snapshot.checkInvariants()
                    let found = try snapshot.within(radius: 64, of: codes[0])
                    #expect(found.map(\.id).sorted() == left.sorted())
                }
            }
            // A few of one row block, then of all.
            for (number, id) in ([3, 9, 70, 71] + Array(left).shuffled(using: &generator)).prefix(200).enumerated() {
                if number % 3 == 0 {
                    try store.write { try $0.upsert(id, code: codes[Int(id)]) }
                    left.insert(id)
                } else {
                    try store.write { _ = try $0.delete(id) }
                    left.remove(id)
                }
                if number < 8 || number.isMultiple(of: 20) {
                    for store in [store, try Store.open(at: path, options: options)] { try check(store) }
                }
                if number.isMultiple(of: 50) { try check(late) }
            }
        }
    }
}
