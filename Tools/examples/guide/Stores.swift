import HashDB
import Synchronization

func firstStore() throws {
    let store = try Store.openOrCreate(at: "codes.hashdb", bitWidth: 64)

    // One transaction: all of it or nothing.
    try store.write { transaction in
        try transaction.upsert(1, code: BinaryCode(hex: "0000000000000000"))
        try transaction.upsert(2, code: BinaryCode(hex: "0000000000000007"), payload: Array("a note".utf8))
    }

    let query = try BinaryCode(hex: "0000000000000003")
    for match in try store.nearest(to: query, count: 2) {
        print("id \(match.id) at distance \(match.distance)")
    }
}

func nearest() throws {
    let store = try Store.openOrCreate(at: "photos.hashdb", bitWidth: 64)
    try store.write { transaction in
        try transaction.upsert(7, code: BinaryCode(hex: "00ff00ff00ff00ff"))
    }
    let matches = try store.nearest(to: BinaryCode(hex: "00ff00ff00ff00fe"), count: 10)
    print(matches)
}

func overview() throws {
    let store = try Store.create(at: "hashes.hashdb", bitWidth: 64)
    try store.write { transaction in
        try transaction.insert(1, code: BinaryCode(hex: "00ff00ff00ff00ff"))
        try transaction.insert(2, code: BinaryCode(hex: "00ff00ff00ff00f0"))
    }
    for match in try store.nearest(to: BinaryCode(hex: "00ff00ff00ff00fe"), count: 2) {
        print(match.id, match.distance)
    }
}

func newcomers() throws {
    let store = try Store.create(at: "photos.hashdb", bitWidth: 64)
    for hex in ["00ff00ff00ff00ff", "00ff00ff00ff00fe", "ffffffff00000000"] {
        let code = try BinaryCode(hex: hex)
        let id = try store.write { transaction in
            if let known = try transaction.nearest(to: code, count: 1, within: 3).first { return known.id }
            return try transaction.insert(code: code)
        }
        print(id)
    }
}

func idOfWhatIsNear(_ code: BinaryCode, in items: borrowing some ItemReader & ~Copyable) throws -> UInt64? {
    try items.nearest(to: code, count: 1, within: 3).first?.id
}

func readers() throws {
    let store = try Store.create(at: "photos.hashdb", bitWidth: 64)
    let code = try BinaryCode(hex: "00ff00ff00ff00ff")
    let before = try store.read { try idOfWhatIsNear(code, in: $0) }
    let id = try store.write { transaction in
        if let known = try idOfWhatIsNear(code, in: transaction) { return known }
        return try transaction.insert(code: code)
    }
    let after = try store.read { try idOfWhatIsNear(code, in: $0) }
    print(before == nil, after == id)
}

func collections() throws {
    // The collection "default", and another in the same file.
    let learned = try Store.create(at: "photos.hashdb", bitWidth: 48)
    let pdq = try Store.create(at: "photos.hashdb", collection: "pdq", bitWidth: 256)
    for collection in try Store.collections(at: "photos.hashdb") {
        print(collection.name, collection.bitWidth, collection.count)
    }
    try Store.removeCollection("pdq", at: "photos.hashdb")
    print(try Store.collections(at: "photos.hashdb").map(\.name), learned.bitWidth, pdq.collection)
}

func explanation() throws {
    let store = try Store.create(at: "photos.hashdb", bitWidth: 64)
    let code = try BinaryCode(hex: "00ff00ff00ff00ff")
    try store.write { _ = try $0.insert(code: code) }

    let (found, explanation) = try store.read { snapshot in
        var explanation = QueryExplanation()
        let found = try snapshot.nearest(to: code, count: 10, explaining: &explanation)
        return (found, explanation)
    }
    for part in explanation.parts {
        print(part.rows, part.work.probes, part.work.scanned)
    }
    print(found)
}

func pairs() throws {
    let store = try Store.create(at: "photos.hashdb", bitWidth: 64)
    try store.write { transaction in
        for (id, hex) in [(1, "00ff00ff00ff00ff"), (2, "00ff00ff00ff00f0"), (3, "00ff00ff00ff00fe")] {
            try transaction.insert(UInt64(id), code: BinaryCode(hex: hex))
        }
    }
    try store.read { snapshot in
        try snapshot.forEachPair(within: 3) { pair in
            print(pair.a, pair.b, pair.distance)
            return true
        }
    }
}

func backup() throws {
    let store = try Store.create(at: "photos.hashdb", bitWidth: 64)
    try Store.backup("photos.hashdb", to: "copy.hashdb")
    print(try Store.open(at: "copy.hashdb").bitWidth == store.bitWidth)
}

func codes() throws {
    let a = try BinaryCode(hex: "00ff00ff")
    let b = try BinaryCode(hex: "00ff00fe")
    print(a.hammingDistance(to: b))  // 1
}

func following() throws {
    let leader = try Store.create(at: "leader.hashdb", bitWidth: 64)
    let code = try BinaryCode(hex: "00000000000000f1")

    try leader.recordChanges()
    try Store.backup("leader.hashdb", to: "follower.hashdb")
    let follower = try Store.open(at: "follower.hashdb")
    try leader.write { try $0.upsert(7, code: code) }

    // What the follower lacks, on its way through a pipe, a socket or a file.
    let position = try follower.read { try $0.position }
    let (shipped, pieces) = try leader.read { snapshot in
        var pieces: [[UInt8]] = []
        let count = try snapshot.ship(after: position) { pieces.append($0) }
        return (count, pieces)
    }

    let rest = Mutex(pieces[...])
    let reception = try follower.receive { rest.withLock { $0.popFirst() } }
    print(shipped, reception.changed, reception.deleted)
}

func touched() throws {
    let store = try Store.create(at: "codes.hashdb", bitWidth: 64)
    try store.recordChanges()
    let code = try BinaryCode(hex: "00000000000000f1")

    let seen = try store.read { try $0.position }
    try store.write { try $0.upsert(7, code: code) }
    if let seen {
        let changes = try store.read { try $0.changes(since: seen) }
        print(changes.ids, changes.attributes ?? [])
    }
}
