import Foundation
import HashDB

/// Finds images of a store whose files are not there any more, some at a time.
struct VanishedImages {
    /// An image, and which of its places are vanished; all, if it has none.
    struct Vanished {
        var image: StoredImage
        var places: [Int]
    }

    private let store: Store
    private let roots: ImageRoots
    private let directories: [ImagePath]
    private var firstID: UInt64? = 0
    /// Items looked at under one snapshot, so that none is held for long.
    private let chunk = 4_096

    /// - Parameters:
    ///   - roots: what the store's places begin at.
    ///   - directories: below which files are looked for.
    init(store: Store, roots: ImageRoots, below directories: [ImagePath]) {
        self.store = store
        self.roots = roots
        self.directories = directories
    }

    /// The vanished ones among the next items, perhaps none; `nil` at the end.
    mutating func next() throws -> [Vanished]? {
        guard let first = firstID else { return nil }
        var images: [StoredImage] = []
        var lastID: UInt64?
        var count = 0
        try store.read { snapshot in
            try snapshot.forEachItem(from: first, payloads: true) { item in
                if let payload = item.payload, let record = try? ImageRecord(decoding: payload) {
                    images.append(StoredImage(id: item.id, record: record))
                }
                lastID = item.id
                count += 1
                return count < chunk
            }
        }
        firstID = count < chunk ? nil : lastID.flatMap { $0 == .max ? nil : $0 + 1 }
        return images.compactMap { image in
            let places = image.record.places
            let vanished = places.indices.filter { isVanished(places[$0]) }
            return vanished.isEmpty && !places.isEmpty ? nil : Vanished(image: image, places: vanished)
        }
    }

    /// Takes them out of the store; returns how many places there were. An image that was recorded anew since is left.
    func remove(_ vanished: [Vanished]) throws -> Int {
        guard !vanished.isEmpty else { return 0 }
        return try store.write { transaction in
            var removed = 0
            for vanished in vanished {
                guard try transaction.payload(of: vanished.image.id) == vanished.image.record.encoded else { continue }
                try transaction.remove(placesAt: vanished.places, of: vanished.image)
                removed += vanished.places.count
            }
            return removed
        }
    }

    private func isVanished(_ place: ImagePlace) -> Bool {
        guard let path = roots.path(of: place), directories.contains(where: { path.isWithin($0) }) else { return false }
        return path.isVanished
    }
}
