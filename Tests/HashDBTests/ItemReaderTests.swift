import HashDB
import TestSupport
import Testing

/// What is written for an `ItemReader` asks reads and writes: a transaction answers at its end what a snapshot of its commit does.
struct ItemReaderTests {
    /// All that a reader answers.
    private struct Answers: Equatable {
        let bitWidth: Int
        let model: ModelIdentity?
        let count: Int
        let largestID: UInt64?
        var items: [Item] = []
        var laterIDs: [UInt64] = []
        var attributes: [[UInt8]: [UInt8]] = [:]
        var keys: [String] = []
        var nearest: [Match]
        var within: [Match]
        var few: [Match]

        init(_ reader: borrowing some ItemReader & ~Copyable, _ query: BinaryCode) throws {
            (bitWidth, model, count, largestID) = (reader.bitWidth, reader.model, reader.count, reader.largestID)
            nearest = try reader.nearest(to: query, count: 10)
            few = try reader.nearest(to: query, count: 3, within: 6)
            within = try reader.within(radius: 5, of: query, among: .ids(in: 10...(.max)))
            var items: [Item] = []
            try reader.forEachItem { item in
                items.append(item)
                return true
            }
            self.items = items
            var ids: [UInt64] = []
            try reader.forEachItem(from: 20, payloads: false) { item in
                ids.append(item.id)
                return ids.count < 7
            }
            laterIDs = ids
            var attributes: [[UInt8]: [UInt8]] = [:]
            var keys: [[UInt8]] = []
            try reader.forEachAttribute(withPrefix: "") { key, value in
                keys.append(Array(key.utf8))
                attributes[Array(key.utf8)] = value
                return true
            }
            #expect(zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
            self.attributes = attributes
            try reader.forEachAttribute(withPrefix: "b") { key, value in
                let found = try reader.attribute(key)
                #expect(found == value)
                self.keys.append(key)
                return self.keys.count < 3
            }
            for id in 0..<60 as Range<UInt64> {
                let (item, isThere) = try (reader.item(id), reader.contains(id))
                let (code, payload) = try (reader.code(of: id), reader.payload(of: id))
                #expect(item == items.first { $0.id == id } && isThere == (item != nil))
                #expect(code == item?.code && payload == item?.payload)
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4]) func aTransactionAnswersAsItsCommitDoes(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        try withTemporaryDirectory { directory in
            let store = try Store.create(
                at: directory + "/s", bitWidth: 64, model: ModelIdentity(name: "m", fingerprint: "f"),
                options: .unsynchronised)
            let codes = try Distribution.clustered.codes(60, bitWidth: 64, &generator)
            for round in 0..<12 {
                let before = try store.read { try Answers($0, codes[0]) }
                let inside = try store.write { transaction in
                    let atFirst = try Answers(transaction, codes[0])
                    #expect(atFirst == before, "round \(round)")
                    for change in 0..<Int.random(in: 0...40, using: &generator) {
                        // In every third round all items go in the midst of it.
                        if change == 10, round % 3 == 2 { transaction.deleteAll() }
                        try Self.change(&transaction, codes, &generator)
                    }
                    return try Answers(transaction, codes[0])
                }
                let after = try store.read { try Answers($0, codes[0]) }
                #expect(inside == after, "round \(round)")
            }
        }
    }

    private static func change(
        _ transaction: inout Transaction, _ codes: [BinaryCode], _ generator: inout SplitMix64
    ) throws {
        let id = UInt64.random(in: 0..<60, using: &generator)
        let code = codes[Int.random(in: 0..<60, using: &generator)]
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: try transaction.delete(id)
        case 1: try transaction.upsert(id, code: code)
        case 2: try transaction.upsert(id, code: code, payload: [UInt8(id)])
        case 3: if try transaction.contains(id) { try transaction.setPayload([1, 2], of: id) }
        case 4: if try transaction.contains(id) { try transaction.setCode(code, of: id) }
        default:
            // The last two are equal as texts, and two as keys.
            let keys = ["a", "b", "b0", "b00", "b1", "bc", "c", "b\u{e9}", "be\u{301}"]
            let key = keys[Int.random(in: 0..<keys.count, using: &generator)]
            try transaction.setAttribute(Bool.random(using: &generator) ? [UInt8(id)] : nil, forKey: key)
        }
    }

    @Test func aPrefixThatIsNoKeyIsRefused() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            let long = String(repeating: "k", count: 401)
            try store.write { transaction in
                try transaction.setAttribute([1], forKey: "k")
                #expect(throws: HashDBError.invalidName(long)) {
                    try transaction.forEachAttribute(withPrefix: long) { _, _ in true }
                }
            }
        }
    }
}
