import HashDB
import Testing

/// Random histories of a store beside a dictionary that does the same.
struct HistoryTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func storeDoesWhatADictionaryDoes(seed: UInt64) throws { try checkHistory(seed: seed, FoldSettings()) }

    /// With small segments and little work on a merge at a time, most commits find one under way.
    @Test(arguments: [UInt64(11), 12, 13, 14, 15, 16, 17, 18])
    func storeDoesWhatADictionaryDoesWhileMergesAreUnderWay(seed: UInt64) throws {
        var settings = FoldSettings()
        settings.deltaEntries = seed % 2 == 0 ? 100 : 600
        settings.growth = 2 + Int(seed % 3)
        settings.amount = seed % 2 == 0 ? 1000 : 2500
        settings.rowBlockBits = 6
        let merging = try checkHistory(seed: seed, settings)
        #expect(merging >= 5)
    }

    /// Returns after how many steps a merge was under way.
    @discardableResult
    private func checkHistory(seed: UInt64, _ settings: FoldSettings) throws -> Int {
        var merging = 0
        var generator = SeededGenerator(seed: seed)
        let bitWidth = [16, 64, 64, 128][Int(seed) % 4]
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            var options = Store.Options.unsynchronised
            options.initialMapSize = 1 << 20
            options.folding = settings
            var store = try Store.create(at: path, bitWidth: bitWidth, options: options)
            var model: [UInt64: Item] = [:]
            for step in 0..<60 {
                switch Int.random(in: 0..<12, using: &generator) {
                case 0 where settings.rowBlockBits == nil || step % 5 == 0:
                    try store.fold()
                case 1:
                    store = try Store.open(at: path, options: options)
                case 2:
                    try load(Int.random(in: 1...3000, using: &generator), into: store, &model, &generator)
                case 3:
                    struct Abandoned: Error {}
                    #expect(throws: Abandoned.self) {
                        try store.write { transaction in
                            var copy = model
                            for _ in 0..<20 { try change(&transaction, &copy, &generator) }
                            throw Abandoned()
                        }
                    }
                default:
                    try store.write { transaction in
                        for _ in 0..<Int.random(in: 1...400, using: &generator) {
                            try change(&transaction, &model, &generator)
                        }
                    }
                }
                try store.read { snapshot in
                    try compare(snapshot, model, step: step, &generator)
                    if try snapshot.statistics().isMerging { merging += 1 }
                }
            }
        }
        return merging
    }

    private func change(
        _ transaction: inout Transaction, _ model: inout [UInt64: Item], _ generator: inout SeededGenerator
    ) throws {
        let id = UInt64.random(in: 0..<2000, using: &generator)
        let width = transaction.bitWidth
        let code = try Distribution.clustered.codes(1, bitWidth: width, &generator)[0]
        let payload: [UInt8]? = Bool.random(using: &generator) ? [UInt8(truncatingIfNeeded: id), 7] : nil
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            #expect(try transaction.delete(id) == (model[id] != nil))
            model[id] = nil
        case 1:
            if model[id] == nil {
                try transaction.insert(id, code: code, payload: payload)
                model[id] = Item(id: id, code: code, payload: payload)
            } else {
                #expect(throws: HashDBError.duplicateID(id)) { try transaction.insert(id, code: code) }
            }
        case 2:
            if let old = model[id] {
                try transaction.setPayload([1, 2, 3], of: id)
                model[id] = Item(id: id, code: old.code, payload: [1, 2, 3])
            } else {
                #expect(throws: HashDBError.unknownID(id)) { try transaction.setPayload([1], of: id) }
            }
        case 3:
            let new = try transaction.insert(code: code, payload: payload)
            #expect(model[new] == nil)
            model[new] = Item(id: new, code: code, payload: payload)
        default:
            try transaction.upsert(id, code: code, payload: payload)
            model[id] = Item(id: id, code: code, payload: payload)
        }
        #expect(try transaction.code(of: id) == model[id]?.code)
        #expect(try transaction.payload(of: id) == model[id]?.payload)
        #expect(transaction.count == model.count)
    }

    private func load(
        _ count: Int, into store: Store, _ model: inout [UInt64: Item], _ generator: inout SeededGenerator
    ) throws {
        let codes = try Distribution.uniform.codes(count, bitWidth: store.bitWidth, &generator)
        let ids = (0..<count).map { _ in UInt64.random(in: 0..<20_000, using: &generator) }
        try store.bulkLoad(runLength: 1000) { loader in
            try loader.append(ids: ids, packedCodes: codes.flatMap(\.bytes))
        }
        for (id, code) in zip(ids, codes) { model[id] = Item(id: id, code: code) }
    }

    private func compare(
        _ snapshot: borrowing Snapshot, _ model: [UInt64: Item], step: Int, _ generator: inout SeededGenerator
    ) throws {
        try snapshot.checkInvariants()
        #expect(snapshot.count == model.count)
        var items: [Item] = []
        try snapshot.forEachItem {
            items.append($0)
            return true
        }
        #expect(items == model.values.sorted { $0.id < $1.id }, "step \(step)")
        let query = try Distribution.uniform.codes(1, bitWidth: snapshot.bitWidth, &generator)[0]
        let truth = bruteForce(model.mapValues(\.code), query)
        for plan in QueryPlan.allCases {
            #expect(try snapshot.nearest(to: query, count: 7, plan: plan) == Array(truth.prefix(7)), "step \(step)")
            #expect(try snapshot.within(radius: 6, of: query, plan: plan) == truth.filter { $0.distance <= 6 })
        }
        let start = UInt64.random(in: 0..<2000, using: &generator)
        var first: UInt64?
        try snapshot.forEachItem(from: start) {
            first = $0.id
            return false
        }
        #expect(first == items.first { $0.id >= start }?.id)
    }
}
