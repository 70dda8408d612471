import HashDB
import TestSupport
import Testing

/// What passes a filter, and only that, is found, nearest first, whatever share of the store it is.
struct FilterTests {
    @Test(arguments: [16, 64, 256], Distribution.allCases)
    func everyFilterAndPlanAnswersLikeBruteForce(bitWidth: Int, distribution: Distribution) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth) * 7 + UInt64(distribution.rawValue.count))
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: bitWidth, options: .unsynchronised)
            var items: [UInt64: BinaryCode] = [:]
            for (first, count) in [(0, 9000), (40_000, 5000)] {
                let codes = try distribution.codes(count, bitWidth: bitWidth, &generator)
                try store.bulkLoad { loader in
                    for (i, code) in codes.enumerated() {
                        try loader.append(id: UInt64(first + 2 * i), code: code)
                        items[UInt64(first + 2 * i)] = code
                    }
                }
            }
            let fresh = try distribution.codes(200, bitWidth: bitWidth, &generator)
            try store.write { transaction in
                for i in stride(from: 0, to: 9000, by: 11) {
                    try transaction.delete(UInt64(2 * i))
                    items[UInt64(2 * i)] = nil
                }
                for (i, code) in fresh.enumerated() {
                    try transaction.upsert(UInt64(3 * i), code: code)
                    items[UInt64(3 * i)] = code
                }
            }
            let some = Set((0..<40).map { _ in UInt64.random(in: 0...60_000, using: &generator) })
            let many = Set((0..<30_000).map { _ in UInt64.random(in: 0...60_000, using: &generator) })
            let filters: [(String, ItemFilter, (UInt64) -> Bool)] = [
                ("none", .ids([]), { _ in false }),
                ("some", .ids(some), { some.contains($0) }),
                ("many", .ids(many), { many.contains($0) }),
                ("all but some", .excluding(some), { !some.contains($0) }),
                ("all but many", .excluding(many), { !many.contains($0) }),
                ("a short range", .ids(in: 1000...1099), { (1000...1099).contains($0) }),
                ("a long range", .ids(in: 7000...UInt64.max), { $0 >= 7000 }),
                ("a range from an id on", .ids(in: 41_000...), { $0 >= 41_000 }),
                ("a range up to an id", .ids(in: ..<500), { $0 < 500 }),
                ("a range as a sequence", .ids(1000..<1100), { (1000..<1100).contains($0) }),
                ("all but a short range", .excluding(in: 1000...1099), { !(1000...1099).contains($0) }),
                ("all but a long range", .excluding(in: 2000..<42_000), { !(2000..<42_000).contains($0) }),
                ("all but the first", .excluding(in: ...7000), { $0 > 7000 }),
                ("all but the last", .excluding(7000...), { $0 < 7000 }),
                ("all but an empty range", .excluding(7..<7), { _ in true }),
                ("one", .matching { $0 == 40_002 }, { $0 == 40_002 }),
                ("a thousandth", .matching { $0 % 1000 == 0 }, { $0 % 1000 == 0 }),
                ("two thirds", .matching { $0 % 3 != 0 }, { $0 % 3 != 0 }),
            ]
            var queries = try Distribution.uniform.codes(1, bitWidth: bitWidth, &generator)
            queries.append(try #require(items[40_002]))
            for query in queries {
                let all = bruteForce(items, query)
                for (name, filter, passes) in filters {
                    let truth = all.filter { passes($0.id) }
                    for plan in QueryPlan.allCases where plan != .probe || bitWidth == 16 || name == "two thirds" {
                        for count in [1, 10, 3000] where plan != .probe || count < 100 {
                            let found = try store.nearest(to: query, count: count, among: filter, plan: plan)
                            #expect(found == Array(truth.prefix(count)), "\(name), \(plan), \(count) nearest")
                        }
                        for radius in [0, 3, plan == .probe ? 4 : bitWidth / 2] {
                            let within = truth.filter { $0.distance <= radius }
                            let found = try store.within(radius: radius, of: query, among: filter, plan: plan)
                            #expect(found == within, "\(name), \(plan), \(radius)")
                            let few = try store.nearest(to: query, count: 5, within: radius, among: filter, plan: plan)
                            #expect(few == Array(within.prefix(5)), "\(name), \(plan), 5 nearest within \(radius)")
                        }
                    }
                }
            }
        }
    }

    @Test func aFilterContainsWhatItSays() {
        #expect(
            ItemFilter.all.contains(7) && ItemFilter.ids([9, 7, 7, 1]).contains(7)
                && !ItemFilter.ids([9, 1]).contains(7))
        #expect(ItemFilter.ids(in: 7...7).contains(7) && !ItemFilter.ids(in: 8...9).contains(7))
        #expect(!ItemFilter.excluding([7]).contains(7) && ItemFilter.excluding([]).contains(7))
        #expect(ItemFilter.matching { $0 == 7 }.contains(7))
    }

    /// A range of ids is not written out, however long it is, with and without `in:`.
    @Test func everyKindOfRangeIsTakenAsItIs() {
        let top = UInt64.max
        let ranges: [(String, [ItemFilter], [ItemFilter], (UInt64) -> Bool)] = [
            (
                "all", [.ids(in: 0...top), .ids(0...top), .ids(in: 0...), .ids(0...), .ids(in: ...top)],
                [.excluding(in: 0...top), .excluding(0...top), .excluding(in: 0...), .excluding(in: ...top)],
                { _ in true }
            ),
            (
                "but the largest", [.ids(in: 0..<top), .ids(0..<top), .ids(in: ..<top)],
                [.excluding(in: 0..<top), .excluding(0..<top), .excluding(in: ..<top)], { $0 < top }
            ),
            (
                "the largest", [.ids(in: top...top), .ids(top...top), .ids(in: top...), .ids(top...), .ids([top])],
                [.excluding(in: top...top), .excluding(top...), .excluding([top])], { $0 == top }
            ),
            (
                "some", [.ids(in: 7...9), .ids(7...9), .ids(in: 7..<10), .ids(7..<10), .ids([9, 7, 8])],
                [.excluding(in: 7...9), .excluding(7..<10), .excluding(in: 7..<10), .excluding([9, 7, 8])],
                { (7...9).contains($0) }
            ),
            (
                "none", [.ids(in: 7..<7), .ids(7..<7), .ids(in: top..<top), .ids(in: ..<0), .ids([])],
                [.excluding(in: 7..<7), .excluding(7..<7), .excluding(in: ..<0), .excluding([])], { _ in false }
            ),
        ]
        for (name, inside, outside, isInside) in ranges {
            for id in [0, 1, 6, 7, 8, 9, 10, top - 1, top] {
                #expect(inside.allSatisfy { $0.contains(id) == isInside(id) }, "\(name), \(id)")
                #expect(outside.allSatisfy { $0.contains(id) != isInside(id) }, "all but \(name), \(id)")
            }
        }
    }

    @Test func anExplanationSaysWhatWasPlannedAndDone() throws {
        var generator = SplitMix64(seed: 4)
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 64, options: .unsynchronised)
            let codes = try Distribution.uniform.codes(20_000, bitWidth: 64, &generator)
            try store.bulkLoad { try $0.append(packedCodes: codes.flatMap(\.bytes)) }
            try store.write { _ = try $0.insert(code: codes[0]) }
            try store.read { snapshot in
                var explanation = QueryExplanation()
                let found = try snapshot.nearest(to: codes[5], count: 1, plan: .probe, explaining: &explanation)
                #expect(found == [Match(id: 5, distance: 0)])
                let parts = explanation.parts
                #expect(parts.count == 2 && parts[0].segment == nil && parts[0].work.scanned == 1)
                let work = parts[1].work
                #expect(parts[1].rows == 20_000 && work.steps == 1 && work.probes == 1 && work.candidates >= 1)
                #expect(work.blocksRead > 0 && work.scanned == 0 && parts[1].switchedBeforeStep == nil)
                explanation = QueryExplanation()
                _ = try snapshot.within(radius: 40, of: codes[5], explaining: &explanation)
                let far = try #require(explanation.parts.last)
                #expect(far.work.scanned == 20_000 && far.switchedBeforeStep != nil && far.expectedReach == 40)
                #expect(try #require(far.expectedProbing) > far.expectedScan)
            }
        }
    }
}
