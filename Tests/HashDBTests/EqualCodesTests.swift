import HashDB
import TestSupport
import Testing

/// Most items have one code, as where a placeholder was hashed again and again: it is one entry of its buckets, among others.
struct EqualCodesTests {
    @Test(arguments: [8, 16, 64, 128, 256])
    func aCodeThatMostItemsHaveIsFoundWithAllItsRows(bitWidth: Int) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth))
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: bitWidth, options: .unsynchronised)
            let usual = try Distribution.constant.codes(1, bitWidth: bitWidth, &generator)[0]
            var items: [UInt64: BinaryCode] = [:]
            for id in 0..<6000 as Range<UInt64> {
                var code = usual
                // The others share most buckets with it.
                if id % 5 == 0 {
                    for _ in 0..<3 { code[bit: Int.random(in: 0..<bitWidth, using: &generator)].toggle() }
                }
                items[id] = code
            }
            try store.bulkLoad { loader in
                for id in items.keys.sorted() { try loader.append(id: id, code: items[id] ?? usual) }
            }
            try store.read { snapshot in
                try snapshot.checkInvariants()
                let truth = bruteForce(items, usual)
                for count in [1, 100, 5500] {
                    #expect(try snapshot.nearest(to: usual, count: count) == Array(truth.prefix(count)))
                }
                let near = truth.filter { $0.distance <= 1 }
                for plan in QueryPlan.allCases {
                    #expect(try snapshot.within(radius: 1, of: usual, plan: plan) == near)
                }
            }
        }
    }
}
