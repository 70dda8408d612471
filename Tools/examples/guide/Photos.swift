import HashDB

/// A row of a table that another database keeps.
private struct Photo {
    let id: Int64
    let hash: BinaryCode
}

private func save(_ photo: Photo, in store: Store) throws {
    try store.write { try $0.upsert(UInt64(bitPattern: photo.id), code: photo.hash) }
}

private func photosLike(_ photo: Photo, in store: Store) throws -> [Int64] {
    try store.nearest(to: photo.hash, count: 10).map { Int64(bitPattern: $0.id) }.filter { $0 != photo.id }
}

func photos() throws {
    let store = try Store.create(at: "photos.hashdb", bitWidth: 64)
    let photos = try [(7, "00ff00ff00ff00ff"), (9, "00ff00ff00ff00f0"), (-8, "ffffffff00000000")].map {
        Photo(id: $0.0, hash: try BinaryCode(hex: $0.1))
    }
    for photo in photos { try save(photo, in: store) }
    print(try photosLike(photos[0], in: store))
}
