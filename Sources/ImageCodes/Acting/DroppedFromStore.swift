import HashDB

extension Store {
    /// Notes that a file has gone: its place leaves its image's record, and an image without a place leaves the store, which remembers that it
    /// was dropped, so that it is known when it comes back.
    public func noteDropped(_ content: ImageContent, at path: ImagePath) throws {
        try namingDamage { try noteGone(content, at: path) }
    }

    private func noteGone(_ content: ImageContent, at path: ImagePath) throws {
        try write { transaction in
            guard let image = try transaction.findImage(with: content) else { return }
            let roots = try transaction.findRoots()
            let gone = image.record.places.indices.filter { roots.path(of: image.record.places[$0]) == path }
            guard !gone.isEmpty else { return }
            if gone.count == image.record.places.count {
                try transaction.setDropped(content, code: try transaction.code(of: image.id), path: path)
            }
            try transaction.remove(placesAt: gone, of: image)
        }
    }

    /// Notes that a dropped file has been taken back; the next `ingest` takes it in again.
    public func noteRestored(_ content: ImageContent) throws {
        try write { try $0.setDropped(content, code: nil, path: ImagePath("")) }
    }
}
