import HashDB
import Testing

/// A write within a write would wait for itself, as would what keeps others from writing: it is refused at once, and the outer one goes on.
struct NestedWriteTests {
    @Test func aWriteWithinAWriteIsRefusedAtOnce() async throws {
        try await withStoreOfCodes(10) { store, codes in
            let path = store.path
            let other = try await Store.create(at: path, collection: "other", bitWidth: 8)
            let start = ContinuousClock.now
            @Sendable func expectRefusals() {
                let refused = HashDBError.nestedWrite(path: path)
                #expect(throws: refused) { try store.fold() }
                #expect(throws: refused) { try store.write { _ in } }
                #expect(throws: refused) { try other.bulkLoad { _ in } }
                #expect(throws: refused) { try Store.compact(path) }
                #expect(throws: refused) { try Store.create(at: path, collection: "third", bitWidth: 8) }
                #expect(throws: refused) { try Store.damagedPages(at: path) }
                #expect(throws: refused) { try Store.rebuild(path, to: path + "-new") }
            }
            func write() throws {
                try store.write { transaction in
                    expectRefusals()
                    try transaction.insert(10, code: codes[0])
                }
            }
            try write()
            try await store.write { transaction in
                expectRefusals()
                try transaction.insert(11, code: codes[0])
            }
            try await store.bulkLoad { loader in
                expectRefusals()
                try loader.append(id: 12, code: codes[0])
            }
            // To wait for each would have taken ten seconds.
            #expect(start.duration(to: .now) < .seconds(8))
            try await store.fold()
            #expect(try await store.read { $0.count } == 13)
            try await other.write { _ in }
        }
    }
}
