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
    ///   - images: those of this transaction, of which what was changed has to be written at its end.
    ///   - isGone: whether the file of a recorded place is surely not there any more.
    ///   - detached: gets the items that have no place any more. They stay, as their files may turn up at other places in the same run.
    package mutating func put(
        _ found: FoundImage, _ new: NewImage? = nil, among images: inout OpenImages, isGone: (ImagePlace) -> Bool,
        detached: inout [UInt64]
    ) throws -> ImageChange {
        images.makeRoom()
        let old = try find(atPlaceOf: found, among: &images)
        if let old, old.image.record.content == found.content {
            return try renew(old, found.place)
        }
        let known = try images.find(with: found.content, in: self)
        guard known != nil || new != nil else { return .codeMissing }
        if let old {
            try removeKeys(of: old.image.remove(at: old.index), from: old.image)
            if old.image.record.places.isEmpty { detached.append(old.image.id) }
        }
        if let known { return try add(found.place, to: known, replacesOther: old != nil, isGone) }
        if let new { try insert(found, new) }
        return old == nil ? .added : .changed
    }

    /// The same of one file by itself.
    package mutating func put(
        _ found: FoundImage, _ new: NewImage? = nil, isGone: (ImagePlace) -> Bool, detached: inout [UInt64]
    ) throws -> ImageChange {
        var images = OpenImages()
        let change = try put(found, new, among: &images, isGone: isGone, detached: &detached)
        try images.write(into: &self)
        return change
    }

    /// Takes places away from an image, and the image from the store if none is left.
    mutating func remove(placesAt indices: [Int], of image: StoredImage) throws {
        let gone = Set(indices)
        var record = image.record
        record.places = record.places.indices.filter { !gone.contains($0) }.map { image.record.places[$0] }
        let left = OpenImage(id: image.id, record: record)
        for index in gone { try removeKeys(of: image.record.places[index], from: left) }
        if record.places.isEmpty {
            try delete(image.id)
            try setAttribute(nil, forKey: record.content.attributeKey)
        } else {
            try setPayload(record.encoded, of: image.id)
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

    private typealias ImageAtPlace = (image: OpenImage, index: Int)

    private func find(atPlaceOf found: FoundImage, among images: inout OpenImages) throws -> ImageAtPlace? {
        let place = found.place
        if let image = try images.find(root: place.root, path: place.path, in: self) { return image }
        // What an earlier version put in under the absolute path.
        return try images.find(root: 0, path: found.path.relative(to: ImagePath("/")), in: self)
    }

    private mutating func insert(_ found: FoundImage, _ new: NewImage) throws {
        let record = ImageRecord(
            content: found.content, width: new.width, height: new.height, quality: new.quality, places: [found.place])
        let id = try insert(code: new.code, payload: record.encoded)
        try setAttribute(value(id), forKey: found.content.attributeKey)
        try setKeys(of: found.place, id, record.size)
    }

    private mutating func renew(_ old: ImageAtPlace, _ place: ImagePlace) throws -> ImageChange {
        let before = old.image.record.places[old.index]
        guard before != place else { return .unchanged }
        try replace(old, with: place)
        let isOtherFile = before.inode != 0 && place.inode != 0 && before.inode != place.inode
        return before.modificationTime != place.modificationTime || isOtherFile ? .touched : .unchanged
    }

    private mutating func replace(_ old: ImageAtPlace, with place: ImagePlace) throws {
        let before = old.image.record.places[old.index]
        old.image.replace(at: old.index, with: place)
        try removeKeys(of: before, from: old.image)
        try setKeys(of: place, old.image.id, old.image.record.size)
    }

    private mutating func add(
        _ place: ImagePlace, to known: OpenImage, replacesOther: Bool, _ isGone: (ImagePlace) -> Bool
    ) throws -> ImageChange {
        if let index = known.record.indexOfPlace(movedTo: place, isGone) {
            try replace((known, index), with: place)
            return .moved
        }
        // Without any place, it was where something else is now.
        let change: ImageChange =
            known.record.places.isEmpty
            ? .moved : replacesOther ? .changed : known.hasName(of: place) ? .linked : .copied
        known.append(place)
        try setKeys(of: place, known.id, known.record.size)
        return change
    }

    // MARK: Keys

    private mutating func setKeys(of place: ImagePlace, _ id: UInt64, _ size: UInt64) throws {
        try setAttribute(value(id), forKey: place.pathKey)
        if let key = place.fileKey(size: size) { try setAttribute(value(id), forKey: key) }
    }

    /// `image` does not have the place any more.
    private mutating func removeKeys(of place: ImagePlace, from image: OpenImage) throws {
        try setAttribute(nil, forKey: place.pathKey)
        if let key = place.fileKey(size: image.record.size), !image.hasName(of: place) {
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
