import HashDB

/// Items whose last place was taken by another content. They wait for the end of the run, as their files may turn up elsewhere: of two
/// files that changed names, each is met when the other's place is known already.
///
/// The store's attribute `image-detached` says that there are such, for the next run to find if this one is killed or cancelled.
struct DetachedImages {
    private static let attribute = "image-detached"

    var ids: [UInt64] = []
    private var isMarked = false

    /// Notes in the store that there are some.
    mutating func mark(in transaction: inout Transaction) throws {
        guard !ids.isEmpty, !isMarked else { return }
        try transaction.setAttribute([1], forKey: DetachedImages.attribute)
        isMarked = true
    }

    /// Takes those out of the store that still have no place.
    mutating func remove(from store: Store, roots: ImageRoots) throws {
        guard try store.read({ try $0.attribute(DetachedImages.attribute) }) != nil else { return }
        if isMarked {
            for start in stride(from: 0, to: ids.count, by: 4_096) {
                try store.write { try $0.removeDetached(Array(ids[start..<min(start + 4_096, ids.count)])) }
            }
        } else {
            var search = VanishedImages(store: store, roots: roots, VanishedScope(directories: [], roots: []))
            while let remains = try search.next() { _ = try search.remove(remains) }
        }
        try store.write { try $0.setAttribute(nil, forKey: DetachedImages.attribute) }
        ids.removeAll()
        isMarked = false
    }
}
