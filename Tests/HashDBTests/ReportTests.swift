import Foundation
import HashDB
import TestSupport
import Testing

/// What the library tells of stores, as values that are compared and travel.
struct ReportTests {
    private func check<V: Codable & Hashable>(_ value: V) throws {
        let copy = try JSONDecoder().decode(V.self, from: JSONEncoder().encode(value))
        #expect(copy == value && copy.hashValue == value.hashValue)
    }

    @Test func reportsComeBackFromJSON() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s"
            let model = ModelIdentity(name: "a", fingerprint: "b")
            let store = try Store.create(at: path, bitWidth: 16, model: model, options: .unsynchronised)
            try store.recordChanges()
            try store.bulkLoad { loader in
                for i in 0..<5000 {
                    try loader.append(id: UInt64(i), code: BinaryCode(bytes: [UInt8(i % 256), UInt8(i / 256)]))
                }
            }
            let code = try BinaryCode(hex: "0001")
            _ = try store.write { try $0.insert(code: code) }
            var explanation = QueryExplanation()
            try store.read { snapshot in
                _ = try snapshot.nearest(to: code, count: 3, explaining: &explanation)
                let statistics = try snapshot.statistics(occupancy: true)
                #expect(statistics.segments.first?.substrings ?? 0 > 0 && statistics.position != nil)
                try check(statistics)
                #expect(try statistics != snapshot.statistics())
                try check(snapshot.sizes())
            }
            #expect(explanation.parts.count == 2 && explanation != QueryExplanation())
            try check(explanation)
            try check(Store.collections(at: path))
            try check(Store.backup(path, to: directory + "/copy"))
            let follower = try Store.create(
                at: directory + "/follower", bitWidth: 16, model: model, options: .unsynchronised)
            var pieces: [[UInt8]] = []
            try store.read { snapshot in _ = try snapshot.ship(after: nil) { pieces.append($0) } }
            pieces.reverse()
            try check(follower.receive { pieces.popLast() })
        }
    }

    @Test func statisticsAndBucketsShowTheIndex() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s", bitWidth: 64, options: .unsynchronised)
            var generator = SplitMix64(seed: 4)
            let codes = try Distribution.clustered.codes(5000, bitWidth: 64, &generator)
            try store.bulkLoad { try $0.append(packedCodes: codes.flatMap(\.bytes)) }
            try store.write { transaction in
                try transaction.delete(17)
                _ = try transaction.insert(code: codes[0])
            }
            try store.read { snapshot in
                let statistics = try snapshot.statistics(occupancy: true)
                #expect(statistics.itemCount == 5000 && statistics.deltaCount == 1 && statistics.tombstones == 1)
                let segment = try #require(statistics.segments.first)
                let occupancy = try #require(statistics.occupancy)
                #expect(occupancy.reduce(0, +) == segment.substrings << segment.substringBits)
                let substrings = try #require(statistics.substringOccupancy)
                #expect(substrings.map(\.substring) == Array(0..<segment.substrings))
                for substring in substrings {
                    #expect(substring.segment == 0 && substring.counts.reduce(0, +) == 1 << segment.substringBits)
                }
                let sizes = try snapshot.sizes()
                #expect(sizes.file == statistics.fileBytes && sizes.rest >= 0)
                #expect(sizes.rows > 5000 * 8 && sizes.tables > 0)
                #expect(sizes.deletions > 0)
                #expect(sizes.delta > 0 && sizes.attributes > 0 && sizes.payloads == 0)
                var perSubstring: [Int: [UInt64]] = [:]
                try snapshot.forEachBucket { bucket in
                    perSubstring[bucket.substring, default: []] += bucket.items.map(\.id)
                    for item in bucket.items {
                        let value = bucket.bits.reversed().reduce(0) { $0 << 1 | (item.code[bit: $1] ? 1 : 0) }
                        #expect(value == bucket.value)
                        #expect(item.code == codes[Int(item.id)])
                    }
                    #expect(bucket.segment == segment.number)
                    return true
                }
                #expect(perSubstring.count == segment.substrings)
                var seen = 0
                try snapshot.forEachBucket { _ in
                    seen += 1
                    return seen < 3
                }
                #expect(seen == 3)
                let expected = (0..<5000).map { UInt64($0) }.filter { $0 != 17 }
                #expect(perSubstring.values.allSatisfy { $0.sorted() == expected })
            }
        }
    }

    @Test func aDecodedPairIsInOrder() throws {
        let pair = try JSONDecoder().decode(MatchedPair.self, from: Data(#"{"a": 9, "b": 4, "distance": 2}"#.utf8))
        #expect(pair == MatchedPair(4, 9, distance: 2) && pair.a == 4 && pair.b == 9)
    }

    @Test func theOtherWriterMayBeHere() {
        #expect("\(HashDBError.busy(path: "/s"))".hasPrefix("/s: another writer, here or in another process,"))
    }
}
