import HashDB
import TestSupport
import Testing

/// What a transaction finds is what a plain loop finds among the items as they are by then, its own changes among them.
struct TransactionSearchTests {
    @Test(arguments: [16, 64, 264], Distribution.allCases)
    func searchesSeeTheChangesMadeSoFar(bitWidth: Int, distribution: Distribution) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth) * 13 + UInt64(distribution.rawValue.count))
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: bitWidth, options: .unsynchronised)
            var items: [UInt64: BinaryCode] = [:]
            // A segment, and newer items beside it.
            let codes = try distribution.codes(4400, bitWidth: bitWidth, &generator)
            for (i, code) in codes.enumerated() { items[UInt64(2 * i)] = code }
            try store.bulkLoad { loader in
                for (i, code) in codes[..<4100].enumerated() { try loader.append(id: UInt64(2 * i), code: code) }
            }
            try store.write { transaction in
                for i in 4100..<4400 { try transaction.insert(UInt64(2 * i), code: codes[i]) }
            }
            for _ in 0..<2 {
                try store.write { transaction in
                    // All that would be found: more must be looked for.
                    for match in bruteForce(items, codes[0]).prefix(60) {
                        try transaction.delete(match.id)
                        items[match.id] = nil
                    }
                    try check(transaction, items, codes[0])
                    for _ in 0..<4 {
                        let new = try distribution.codes(40, bitWidth: bitWidth, &generator)
                        for code in new { try change(&transaction, &items, code, &generator) }
                        try check(transaction, items, new[0])
                    }
                    try check(transaction, items, Distribution.uniform.codes(1, bitWidth: bitWidth, &generator)[0])
                }
                try store.read { try $0.checkInvariants() }
                #expect(try store.nearest(to: codes[0], count: 50) == Array(bruteForce(items, codes[0]).prefix(50)))
            }
        }
    }

    private func change(
        _ transaction: inout Transaction, _ items: inout [UInt64: BinaryCode], _ code: BinaryCode,
        _ generator: inout SplitMix64
    ) throws {
        let last = transaction.largestID ?? 0
        // Of all items, or of those that this very transaction may have added.
        let id = UInt64.random(in: Bool.random(using: &generator) ? 0...last : last - 9...last, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: items[try transaction.insert(code: code)] = code
        case 1:
            // Deleted and back again.
            try transaction.delete(id)
            try transaction.insert(id, code: code)
            items[id] = code
        case 2:
            try transaction.upsert(id + 7, code: code)
            items[id + 7] = code
        case 3:
            try transaction.upsert(id, code: code)
            items[id] = code
        case 4 where items[id] != nil:
            try transaction.setCode(code, of: id)
            items[id] = code
        default:
            try transaction.delete(id)
            items[id] = nil
        }
    }

    private func check(
        _ transaction: borrowing Transaction, _ items: [UInt64: BinaryCode], _ query: BinaryCode
    ) throws {
        let all = bruteForce(items, query)
        let some = items.keys.filter { $0 % 3 == 0 }
        let filters: [(filter: ItemFilter, passes: (UInt64) -> Bool)] = [
            (.all, { _ in true }), (.ids(some), { $0 % 3 == 0 }), (.excluding(some), { $0 % 3 != 0 }),
            (.ids(in: 5000...(.max)), { $0 >= 5000 }), (.excluding(in: 100...6000), { !(100...6000).contains($0) }),
            (.matching { $0 % 5 == 0 }, { $0 % 5 == 0 }),
        ]
        for (number, (filter, passes)) in filters.enumerated() {
            let truth = all.filter { passes($0.id) }
            for count in [1, 7, 100, items.count + 1, .max] {
                let found = try transaction.nearest(to: query, count: count, among: filter)
                #expect(found == Array(truth.prefix(count)), "filter \(number), \(count) nearest")
            }
            for radius in [0, 2, transaction.bitWidth / 2, .max] {
                let within = truth.filter { $0.distance <= radius }
                let found = try transaction.within(radius: radius, of: query, among: filter)
                #expect(found == within, "filter \(number), radius \(radius)")
                for count in [1, 7, .max] {
                    let few = try transaction.nearest(to: query, count: count, within: radius, among: filter)
                    #expect(few == Array(within.prefix(count)), "filter \(number), \(count) within \(radius)")
                }
            }
        }
        for plan in QueryPlan.allCases {
            let found = try transaction.nearest(to: query, count: 3, plan: plan)
            #expect(found == Array(all.prefix(3)), "\(plan)")
            let near = try transaction.within(radius: 2, of: query, plan: plan)
            #expect(near == all.filter { $0.distance <= 2 }, "\(plan)")
        }
        try checkListing(transaction, items)
    }

    private func checkListing(_ transaction: borrowing Transaction, _ items: [UInt64: BinaryCode]) throws {
        let ids = items.keys.sorted()
        let last = try #require(ids.last)
        for (first, count) in [(0, ids.count), (ids[ids.count / 2] + 1, 100), (last - 9, ids.count), (last + 1, 1)] {
            var found: [Item] = []
            try transaction.forEachItem(from: first) { item in
                found.append(item)
                return found.count < count
            }
            let expected = ids.filter { $0 >= first }.prefix(count).compactMap { id in
                items[id].map { Item(id: id, code: $0) }
            }
            #expect(found == expected, "from \(first)")
        }
    }

    @Test func itemsAreListedWithWhatIsBesideThem() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 8)
            let code = try BinaryCode(hex: "07")
            try store.write { transaction in
                for id in [2, 4, 6] as [UInt64] { try transaction.insert(id, code: code, payload: [UInt8(id)]) }
            }
            try store.write { transaction in
                try transaction.setPayload([40], of: 4)
                try transaction.delete(6)
                try transaction.insert(6, code: code)
                try transaction.insert(3, code: code, payload: [3])
                var found: [Item] = []
                try transaction.forEachItem { item in
                    found.append(item)
                    return true
                }
                #expect(found.map(\.id) == [2, 3, 4, 6] && found.map(\.payload) == [[2], [3], [40], nil])
                try transaction.forEachItem(payloads: false) { item in
                    #expect(item.payload == nil)
                    return item.id < 3
                }
            }
        }
    }

    /// In a store of nothing, with ids in order and with ids at random.
    @Test(arguments: [false, true])
    func whatIsNearIsInsertedOnce(hasRandomIDs: Bool) throws {
        var generator = SplitMix64(seed: 3)
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let codes = try Distribution.clustered.codes(300, bitWidth: 64, &generator)
            var kept: [BinaryCode] = []
            try store.write { transaction in
                for code in codes {
                    let isNew = !kept.contains { $0.hammingDistance(to: code) <= 3 }
                    let nearest = try transaction.nearest(to: code, count: 1)
                    #expect((nearest.first.map { $0.distance > 3 } ?? true) == isNew)
                    #expect(try transaction.within(radius: 3, of: code).isEmpty == isNew)
                    #expect(try transaction.nearest(to: code, count: 1, within: 3).isEmpty == isNew)
                    guard isNew else { continue }
                    kept.append(code)
                    if hasRandomIDs {
                        try transaction.insert(.random(in: 0...(.max), using: &generator), code: code)
                    } else {
                        _ = try transaction.insert(code: code)
                    }
                }
            }
            #expect(kept.count > 10 && kept.count < 300)
            #expect(try store.count == kept.count)
        }
    }

    @Test func mistakesAreThrown() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let (code, wide) = try (BinaryCode(zeros: 64), BinaryCode(zeros: 72))
            let mismatch = HashDBError.codeWidthMismatch(expected: 64, found: 72)
            try store.write { transaction in
                for _ in 0..<2 {
                    #expect(throws: HashDBError.invalidCount(0)) { try transaction.nearest(to: code, count: 0) }
                    #expect(throws: HashDBError.invalidRadius(-1)) { try transaction.within(radius: -1, of: code) }
                    #expect(throws: mismatch) { try transaction.nearest(to: wide, count: 1) }
                    #expect(throws: mismatch) { try transaction.within(radius: 1, of: wide) }
                    #expect(throws: HashDBError.invalidCount(0)) {
                        try transaction.nearest(to: code, count: 0, within: 1)
                    }
                    #expect(throws: HashDBError.invalidRadius(-1)) {
                        try transaction.nearest(to: code, count: 1, within: -1)
                    }
                    #expect(throws: mismatch) { try transaction.nearest(to: wide, count: 1, within: 1) }
                    _ = try transaction.insert(code: code)
                }
            }
        }
    }
}
