import CHamming
import TestSupport
import Testing

struct SortTests {
    /// Against the library's sort: few and many ids, alike or far apart, some equal.
    @Test(arguments: [0, 1, 2, 63, 5000], [UInt64(3), 1000, 1 << 40, .max])
    func idsAreSortedAndEqualOnesStayInTheirOrder(count: Int, limit: UInt64) {
        var generator = SplitMix64(seed: UInt64(count) &+ limit)
        let ids = (0..<count).map { _ in UInt64.random(in: 0...limit, using: &generator) }
        var sorted = ids
        var order = [UInt32](repeating: 0, count: count)
        var scratch = [UInt64](repeating: 0, count: 3 * count)
        hamming_sort_ids(&sorted, &order, count, &scratch)
        let expected = ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }
        #expect(sorted == expected.map { ids[$0] })
        #expect(order == expected.map { UInt32($0) })
    }
}
