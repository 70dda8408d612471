import Foundation
import HashDB

/// A row of a table that another database keeps.
private struct Photo {
    let id: Int64
    let hash: BinaryCode
}

private func save(_ photo: Photo, in store: Store) throws {
    try store.write { transaction in
        let id = UInt64(bitPattern: photo.id)
        // What lies beside the code, such as a name, stays.
        if try transaction.contains(id) {
            try transaction.setCode(photo.hash, of: id)
        } else {
            try transaction.insert(id, code: photo.hash)
        }
    }
}

private func photosLike(_ photo: Photo, in store: Store) throws -> [Int64] {
    try store.nearest(to: photo.hash, count: 10, among: .excluding([UInt64(bitPattern: photo.id)]))
        .map { Int64(bitPattern: $0.id) }
}

func photos() throws {
    let store = try Store.create(at: "photos.hashdb", bitWidth: 64)
    let photos = try [(7, "00ff00ff00ff00ff"), (9, "00ff00ff00ff00f0"), (-8, "ffffffff00000000")].map {
        Photo(id: $0.0, hash: try BinaryCode(hex: $0.1))
    }
    for photo in photos { try save(photo, in: store) }
    try store.write { try $0.setPayload(Array("a.jpg".utf8), of: 7) }
    for photo in photos { try save(photo, in: store) }
    let name = try store.read { try $0.payload(of: 7) } ?? []
    print(try photosLike(photos[0], in: store), String(decoding: name, as: UTF8.self))
}

/// Brings the codes of a table over; `next` gives its rows, and nil after the last.
private func load(_ store: Store, from next: () throws -> (id: Int64, hash: Data)?) throws {
    try store.bulkLoad { loader in
        while let row = try next() {
            try loader.append(id: UInt64(bitPattern: row.id), code: BinaryCode(bytes: row.hash))
        }
    }
}

func table() throws {
    let store = try Store.create(at: "table.hashdb", bitWidth: 64)
    var rows: [(id: Int64, hash: Data)] = [(7, Data([1, 2, 3, 4, 5, 6, 7, 8])), (-8, Data(repeating: 255, count: 8))]
    rows.reverse()
    try load(store) { rows.popLast() }
    try store.write { try $0.setPayload(Array("a.jpg".utf8), of: 7) }

    let items = try store.read { snapshot in
        var items: [Item] = []
        try snapshot.forEachItem { item in
            items.append(item)
            return true
        }
        return items
    }
    let names = items.compactMap(\.payload).map { String(decoding: $0, as: UTF8.self) }
    print(items.map { Int64(bitPattern: $0.id) }, names.joined())
}
