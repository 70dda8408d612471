import HashDB
import TestSupport
import Testing

/// Every plan must give the list that a brute force gives, for every width, distribution, count and radius.
struct ExactnessTests {
    static let widths = [8, 16, 24, 48, 64, 72, 128, 136, 144, 256, 1024]

    @Test(arguments: widths, Distribution.allCases)
    func everyPlanAnswersLikeBruteForce(bitWidth: Int, distribution: Distribution) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth) * 31 + UInt64(distribution.rawValue.count))
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: bitWidth, options: .unsynchronised)
            let loaded = try distribution.codes(6000, bitWidth: bitWidth, &generator)
            var items: [UInt64: BinaryCode] = [:]
            try store.bulkLoad { loader in
                for (i, code) in loaded.enumerated() {
                    try loader.append(id: UInt64(3 * i), code: code)
                    items[UInt64(3 * i)] = code
                }
            }
            try check(store, items, &generator)
            // Deletions, replacements and newcomers beside the segment.
            let fresh = try distribution.codes(300, bitWidth: bitWidth, &generator)
            try store.write { transaction in
                for i in stride(from: 0, to: 6000, by: 7) {
                    try transaction.delete(UInt64(3 * i))
                    items[UInt64(3 * i)] = nil
                }
                for (i, code) in fresh.enumerated() {
                    try transaction.upsert(UInt64(5 * i + 1), code: code)
                    items[UInt64(5 * i + 1)] = code
                }
            }
            try check(store, items, &generator)
            try store.fold()
            try check(store, items, &generator)
        }
    }

    private func check(_ store: Store, _ items: [UInt64: BinaryCode], _ generator: inout SplitMix64) throws {
        try store.read { try $0.checkInvariants() }
        let known = items[items.keys.sorted()[items.count / 2]]
        var queries = try Distribution.uniform.codes(2, bitWidth: store.bitWidth, &generator)
        if var near = known {
            queries.append(near)
            near[bit: 3].toggle()
            queries.append(near)
        }
        for query in queries {
            let truth = bruteForce(items, query)
            for plan in QueryPlan.allCases {
                for count in [1, 2, 10, 100, items.count, items.count + 5]
                where plan != .probe || count <= 100 || store.bitWidth <= 24 {
                    let found = try store.nearest(to: query, count: count, plan: plan)
                    #expect(found == Array(truth.prefix(count)), "\(plan), \(count) nearest")
                }
                // Far radii by probing alone would visit every bucket of every substring.
                let radii = store.bitWidth <= 24 ? Array(0...store.bitWidth + 1) : [0, 1, 2, 3, 5, 8, 12]
                for radius in radii + (plan == .probe ? [] : [store.bitWidth / 2, store.bitWidth]) {
                    let found = try store.within(radius: radius, of: query, plan: plan)
                    #expect(found == truth.filter { $0.distance <= radius }, "\(plan), radius \(radius)")
                }
            }
        }
    }
}

extension Store.Options {
    /// For tests, which do not lose power.
    static var unsynchronised: Store.Options {
        var options = Store.Options()
        options.synchronous = false
        return options
    }
}
