import HashDB

/// A file as a run has found it: where it is, and what it holds.
package struct FoundImage: Hashable, Sendable {
    /// Absolute.
    var path: ImagePath
    var place: ImagePlace
    var content: ImageContent

    package init(path: ImagePath, place: ImagePlace, content: ImageContent) {
        self.path = path
        self.place = place
        self.content = content
    }
}

/// What is to be kept of an image that the store does not have.
package struct NewImage: Sendable {
    var code: BinaryCode
    var width: Int
    var height: Int
    var quality: UInt8?

    package init(code: BinaryCode, width: Int, height: Int, quality: UInt8? = nil) {
        self.code = code
        self.width = width
        self.height = height
        self.quality = quality
    }
}

/// What a found file was to the store.
package enum ImageChange: Hashable, Sendable {
    /// A content that the store did not have, at a new place.
    case added
    /// Another content at a place that the store knew.
    case changed
    /// A content that the store had at a place that is gone.
    case moved
    /// A content that the store has at another place too.
    case copied
    /// Another name of a file that the store has.
    case linked
    /// The same bytes, written again.
    case touched
    /// Nothing, or nothing but where and how it is recorded.
    case unchanged
    /// The store has no such content, and no code was given; nothing was done.
    case codeMissing
}

extension Transaction {
    /// Records where a content is.
    ///
    /// - Parameters:
    ///   - found: the file.
    ///   - new: the code and what belongs to it, where it had to be computed.
    ///   - isGone: whether the file of a recorded place is surely not there any more.
    ///   - detached: gets the items that have no place any more. They stay, as their files may turn up at other places in the same run.
    package mutating func put(
        _ found: FoundImage, _ new: NewImage? = nil, isGone: (ImagePlace) -> Bool, detached: inout [UInt64]
    ) throws -> ImageChange {
        let old = try findImage(atPlaceOf: found)
        if let old, old.image.record.content == found.content {
            return try renew(old, found.place)
        }
        let known = try findImage(with: found.content)
        guard known != nil || new != nil else { return .codeMissing }
        if let old {
            try detach(old)
            if old.image.record.places.count == 1 { detached.append(old.image.id) }
        }
        if let known { return try add(found.place, to: known, replacesOther: old != nil, isGone) }
        if let new { try insert(found, new) }
        return old == nil ? .added : .changed
    }

    /// Takes places away from an image, and the image from the store if none is left.
    mutating func remove(placesAt indices: [Int], of image: StoredImage) throws {
        var left = image
        for index in indices.sorted(by: >) {
            let place = left.record.places.remove(at: index)
            try removeKeys(of: place, from: left)
        }
        if left.record.places.isEmpty {
            try delete(left.id)
            try setAttribute(nil, forKey: left.record.content.attributeKey)
        } else {
            try setPayload(left.record.encoded, of: left.id)
        }
    }

    /// Removes items that still have no place.
    mutating func removeDetached(_ ids: [UInt64]) throws {
        for id in ids {
            guard let payload = try payload(of: id), let record = try? ImageRecord(decoding: payload),
                record.places.isEmpty
            else { continue }
            try remove(placesAt: [], of: StoredImage(id: id, record: record))
        }
    }

    // MARK: Steps

    private typealias ImageAtPlace = (image: StoredImage, index: Int)

    private func findImage(atPlaceOf found: FoundImage) throws -> ImageAtPlace? {
        let place = found.place
        // Second, what an earlier version put in under the absolute path.
        for (root, path) in [(place.root, place.path), (0, found.path.relative(to: ImagePath("/")))] {
            guard let image = try findImage(root: root, path: path) else { continue }
            guard let index = image.record.places.firstIndex(where: { $0.root == root && $0.path == path }) else {
                continue
            }
            return (image, index)
        }
        return nil
    }

    private mutating func insert(_ found: FoundImage, _ new: NewImage) throws {
        let record = ImageRecord(
            content: found.content, width: new.width, height: new.height, quality: new.quality, places: [found.place])
        let id = try insert(code: new.code, payload: record.encoded)
        try setAttribute(value(id), forKey: found.content.attributeKey)
        try setKeys(of: found.place, StoredImage(id: id, record: record))
    }

    private mutating func renew(_ old: ImageAtPlace, _ place: ImagePlace) throws -> ImageChange {
        var (image, index) = old
        let before = image.record.places[index]
        guard before != place else { return .unchanged }
        image.record.places.remove(at: index)
        try removeKeys(of: before, from: image)
        image.record.places.insert(place, at: index)
        try setKeys(of: place, image)
        try setPayload(image.record.encoded, of: image.id)
        let isOtherFile = before.inode != 0 && place.inode != 0 && before.inode != place.inode
        return before.modificationTime != place.modificationTime || isOtherFile ? .touched : .unchanged
    }

    private mutating func detach(_ old: ImageAtPlace) throws {
        var image = old.image
        let place = image.record.places.remove(at: old.index)
        try removeKeys(of: place, from: image)
        try setPayload(image.record.encoded, of: image.id)
    }

    private mutating func add(
        _ place: ImagePlace, to known: StoredImage, replacesOther: Bool, _ isGone: (ImagePlace) -> Bool
    ) throws -> ImageChange {
        var image = known
        let change: ImageChange
        if let index = known.record.indexOfPlace(movedTo: place, isGone) {
            let gone = image.record.places.remove(at: index)
            try removeKeys(of: gone, from: image)
            image.record.places.insert(place, at: index)
            change = .moved
        } else {
            let isLink = image.record.places.contains { $0.isSameFile(as: place) }
            image.record.places.append(place)
            // Without any place, it was where something else is now.
            change = known.record.places.isEmpty ? .moved : replacesOther ? .changed : isLink ? .linked : .copied
        }
        try setKeys(of: place, image)
        try setPayload(image.record.encoded, of: image.id)
        return change
    }

    // MARK: Keys

    private mutating func setKeys(of place: ImagePlace, _ image: StoredImage) throws {
        try setAttribute(value(image.id), forKey: place.pathKey)
        if let key = place.fileKey(size: image.record.size) { try setAttribute(value(image.id), forKey: key) }
    }

    /// `image` does not have the place any more.
    private mutating func removeKeys(of place: ImagePlace, from image: StoredImage) throws {
        try setAttribute(nil, forKey: place.pathKey)
        if let key = place.fileKey(size: image.record.size),
            !image.record.places.contains(where: { $0.isSameFile(as: place) })
        {
            try setAttribute(nil, forKey: key)
        }
    }

    private func value(_ id: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) }
    }
}

extension ImageRecord {
    /// Places that are looked at to find out whether a file was moved: a content may be at a great many places.
    private static let placesLookedAt = 64

    /// The place that a file which is now at `place` was moved from: of those that are gone the one of the same file, of the same name, or
    /// any.
    fileprivate func indexOfPlace(movedTo place: ImagePlace, _ isGone: (ImagePlace) -> Bool) -> Int? {
        let gone = places.indices.prefix(ImageRecord.placesLookedAt).filter { isGone(places[$0]) }
        return gone.first { places[$0].isSameFile(as: place) } ?? gone.first { places[$0].path.name == place.path.name }
            ?? gone.first
    }
}
