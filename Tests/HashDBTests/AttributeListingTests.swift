import HashDB
import Testing

@Suite struct AttributeListingTests {
    @Test func attributesOfAPrefixComeInOrder() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 8, options: .unsynchronised)
            let keys = ["a", "b", "b:1", "b:2", "b:\u{10FFFF}", "ba", "c"]
            try store.write { transaction in
                for key in keys.shuffled() { try transaction.setAttribute(Array(key.utf8), forKey: key) }
            }
            func found(_ prefix: String, most: Int = .max) throws -> [String] {
                try store.read { snapshot in
                    var found: [String] = []
                    try snapshot.forEachAttribute(withPrefix: prefix) { key, value in
                        #expect(value == Array(key.utf8))
                        found.append(key)
                        return found.count < most
                    }
                    return found
                }
            }
            #expect(try found("b") == ["b", "b:1", "b:2", "b:\u{10FFFF}", "ba"])
            #expect(try found("b:") == ["b:1", "b:2", "b:\u{10FFFF}"])
            #expect(try found("b:", most: 1) == ["b:1"])
            #expect(try found("d").isEmpty)
            #expect(try found("") == keys)
            #expect(throws: HashDBError.self) { try found(String(repeating: "b", count: 401)) }
        }
    }
}
