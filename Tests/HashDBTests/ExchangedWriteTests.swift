import HashDB
import Testing

/// Two writes, one within the other, can exchange what they were lent: it is noticed, and neither store gets what is the other's.
struct ExchangedWriteTests {
    private func withTwoStores(_ body: (Store, Store) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let stores = try ["a", "b"].map { name in
                let store = try Store.create(at: "\(directory)/\(name)", bitWidth: 64, options: .unsynchronised)
                try store.write { for id in 0..<5 as Range<UInt64> { try $0.insert(id, code: BinaryCode(zeros: 64)) } }
                return store
            }
            try stores[1].write { try $0.delete(3) }
            try body(stores[0], stores[1])
            for (store, count) in zip(stores, [5, 4]) {
                #expect(try store.count == count)
                try store.read { try $0.checkInvariants() }
                try store.write { try $0.insert(100, code: BinaryCode(zeros: 64)) }
                #expect(try store.count == count + 1)
            }
        }
    }

    @Test func exchangedTransactionsAreNotCommitted() throws {
        try withTwoStores { outer, inner in
            let code = try BinaryCode(zeros: 64)
            let error = #expect(throws: HashDBError.self) {
                try outer.write { a in
                    try a.delete(3)
                    try inner.write { b in
                        try b.insert(7, code: code)
                        swap(&a, &b)
                    }
                }
            }
            guard case .system(inner.path, _, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    /// Not even if the first error is passed over.
    @Test func neitherOfThemIsCommitted() throws {
        try withTwoStores { outer, inner in
            var first: (any Error)?
            let error = #expect(throws: HashDBError.self) {
                try outer.write { a in
                    try a.delete(3)
                    do { try inner.write { b in swap(&a, &b) } } catch { first = error }
                }
            }
            #expect(first is HashDBError)
            guard case .system(outer.path, _, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func exchangedLoadersPublishNothing() throws {
        try withTwoStores { outer, inner in
            let code = try BinaryCode(zeros: 64)
            #expect(throws: HashDBError.self) {
                try outer.bulkLoad { a in
                    try a.append(id: 20, code: code)
                    try inner.bulkLoad { b in
                        try b.append(id: 30, code: code)
                        swap(&a, &b)
                    }
                }
            }
        }
    }

    @Test func whatIsExchangedAndBackIsWritten() throws {
        try withTwoStores { outer, inner in
            try outer.write { a in
                try inner.write { b in
                    swap(&a, &b)
                    swap(&a, &b)
                    try b.delete(4)
                    try b.insert(40, code: BinaryCode(zeros: 64))
                }
                try a.delete(4)
                try a.insert(40, code: BinaryCode(zeros: 64))
            }
            #expect(try outer.read { try $0.contains(40) && !$0.contains(4) })
            #expect(try inner.read { try $0.contains(40) && !$0.contains(4) })
        }
    }
}
