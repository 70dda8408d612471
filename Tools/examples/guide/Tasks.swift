import HashDB

func bits() throws {
    let code = try BinaryCode(hex: "0500")
    print(code.bits.prefix(4).map { $0 ? 1 : 0 })  // [1, 0, 1, 0]
    let inverse = try BinaryCode(bits: code.bits.map { !$0 })
    print(inverse)
}

func integers() throws {
    let code = BinaryCode(UInt64(0x0123_4567_89ab_cdef))
    print(code.hex)  // 0123456789abcdef
    print(UInt64(exactly: code) == 0x0123_4567_89ab_cdef)  // true
}

func transactions() throws {
    let store = try Store.create(at: "codes.hashdb", bitWidth: 64)
    let (old, new) = try (BinaryCode(hex: "0000000000000001"), BinaryCode(hex: "00000000000000f1"))
    try store.write { try $0.insert(1, code: old) }

    try store.write { transaction in
        try transaction.delete(1)
        try transaction.insert(2, code: new)
    }

    try store.read { snapshot in
        // Both answers are of one commit, whatever is written meanwhile.
        let nearest = try snapshot.nearest(to: new, count: 1)
        print(snapshot.count, nearest[0].id)
    }

    let found = try store.read { snapshot in
        var found = 0
        try snapshot.forEachMatch(within: 32, of: new) { piece in
            found += piece.count
            return found < 1_000_000
        }
        return found
    }
    print(found)
}

func tasks() async throws {
    let store = try await Store.create(at: "codes.hashdb", bitWidth: 64)
    let code = try BinaryCode(hex: "0000000000000001")

    let id = try await store.write { try $0.insert(code: code) }
    let search = Task { try await store.within(radius: 8, of: code) }
    // search.cancel() would end it between two blocks of codes.
    print(id, try await search.value)
}

func changes() async throws {
    let store = try await Store.create(at: "codes.hashdb", bitWidth: 64)
    let writer = Task {
        for id in 1...3 { try await store.write { try $0.insert(UInt64(id), code: BinaryCode(zeros: 64)) } }
    }
    var count = 0

    for try await commit in store.changes() {
        print("commit \(commit)")
        count = try await store.read { $0.count }  // a snapshot of this commit, or of a later one
        if count == 3 { break }
    }
    try await writer.value
}
