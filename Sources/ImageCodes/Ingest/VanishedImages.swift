import Foundation
import HashDB

/// Finds images of a store whose files are not there any more, some at a time.
struct VanishedImages {
    private let store: Store
    private let roots: [ImagePath]
    private var firstID: UInt64? = 0
    /// Items looked at under one snapshot, so that none is held for long.
    private let chunk = 4_096

    init(store: Store, roots: [ImagePath]) {
        self.store = store
        self.roots = roots
    }

    /// The vanished ones among the next items, perhaps none; `nil` at the end.
    mutating func next() throws -> [StoredImage]? {
        guard let first = firstID, !roots.isEmpty else { return nil }
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
        return images.filter { isVanished($0.record.path) }
    }

    /// Takes images out of the store; returns how many. One that was replaced since is left.
    func remove(_ images: [StoredImage]) throws -> Int {
        guard !images.isEmpty else { return 0 }
        return try store.write { transaction in
            var removed = 0
            for image in images {
                guard let found = try transaction.findImage(at: image.record.path), found == image else { continue }
                try transaction.removeImage(image)
                removed += 1
            }
            return removed
        }
    }

    /// Whether a path is below the roots and surely holds no file: one that may not be looked at is taken to be there.
    private func isVanished(_ path: ImagePath) -> Bool {
        guard roots.contains(where: { path.isWithin($0) }) else { return false }
        do {
            return try FileKind.look(at: path) != .regular
        } catch {
            return error.code == ENOENT || error.code == ENOTDIR
        }
    }
}
