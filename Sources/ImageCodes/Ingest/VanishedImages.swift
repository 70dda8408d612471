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
    private let scope: VanishedScope
    private var paths: ArraySlice<ImagePath>
    private var firstID: UInt64?
    /// Items looked at under one snapshot, so that none is held for long.
    private let chunk = 4_096

    /// - Parameter roots: what the store's places begin at.
    init(store: Store, roots: ImageRoots, _ scope: VanishedScope) {
        self.store = store
        self.roots = roots
        self.scope = scope
        paths = scope.paths[...]
        // For single paths alone the store need not be gone through.
        firstID = scope.paths.isEmpty || !scope.directories.isEmpty ? 0 : nil
    }

    /// The vanished ones among the next items, perhaps none; `nil` at the end.
    mutating func next() throws -> [Vanished]? {
        paths.isEmpty ? try nextItems() : try nextPaths()
    }

    private mutating func nextPaths() throws -> [Vanished] {
        let some = paths.prefix(chunk)
        paths = paths.dropFirst(chunk)
        let gone = Set(some.filter(scope.countsAsVanished))
        let images = try store.read { snapshot in
            let roots = try snapshot.imageRoots()
            var open = OpenImages()
            var found: [UInt64: StoredImage] = [:]
            for path in gone {
                open.makeRoom()
                guard let image = try open.find(at: path, roots, in: snapshot) else { continue }
                found[image.id] = image.stored
            }
            return Array(found.values)
        }
        return images.map { image in
            let places = image.record.places
            return Vanished(
                image: image, places: places.indices.filter { roots.path(of: places[$0]).map(gone.contains) ?? false })
        }
    }

    private mutating func nextItems() throws -> [Vanished]? {
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
        guard let path = roots.path(of: place), scope.directories.contains(where: { path.isWithin($0) }) else {
            return false
        }
        return scope.countsAsVanished(path)
    }
}
