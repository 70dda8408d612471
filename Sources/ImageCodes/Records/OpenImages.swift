import HashDB

/// An image that a transaction or snapshot has looked at.
///
/// It is a class so that its places, of which there may be a great many, are changed where they are.
final class OpenImage {
    let id: UInt64
    private(set) var record: ImageRecord
    /// Whether the record is to be written.
    fileprivate(set) var isChanged = false
    /// Where the place that was found last is: files are met in about the order in which they were recorded.
    private var last = 0
    /// How many of the places are names of each file; counted when that is first asked for.
    private var nameCounts: [FileKey: Int]?

    init(id: UInt64, record: ImageRecord) {
        (self.id, self.record) = (id, record)
    }

    var stored: StoredImage { StoredImage(id: id, record: record) }

    /// The index of the place for which this holds; at most one may be such.
    func index(where isRight: (ImagePlace) -> Bool) -> Int? {
        let places = record.places
        let start = min(last, places.count)
        let found = places[start...].firstIndex(where: isRight) ?? places[..<start].firstIndex(where: isRight)
        if let found { last = found }
        return found
    }

    /// Whether one of the places is a name of the file at `place`.
    func hasName(of place: ImagePlace) -> Bool {
        guard let key = FileKey(place) else { return false }
        if nameCounts == nil {
            nameCounts = record.places.reduce(into: [:]) { counts, place in
                if let key = FileKey(place) { counts[key, default: 0] += 1 }
            }
        }
        return nameCounts?[key, default: 0] ?? 0 > 0
    }

    func append(_ place: ImagePlace) {
        record.places.append(place)
        count(place, 1)
    }

    func replace(at index: Int, with place: ImagePlace) {
        count(record.places[index], -1)
        record.places[index] = place
        count(place, 1)
    }

    func remove(at index: Int) -> ImagePlace {
        let place = record.places.remove(at: index)
        count(place, -1)
        return place
    }

    private func count(_ place: ImagePlace, _ difference: Int) {
        isChanged = true
        if let key = FileKey(place) { nameCounts?[key, default: 0] += difference }
    }

    /// What all names of a file have in common; see `ImagePlace.isSameFile(as:)`.
    private struct FileKey: Hashable {
        let inode: UInt64
        let modificationTime: Int64

        init?(_ place: ImagePlace) {
            guard place.inode != 0 else { return nil }
            (inode, modificationTime) = (place.inode, place.modificationTime)
        }
    }
}

/// The images that a transaction or snapshot has looked at. A content may be at a great many places: its record is read once, and written
/// once, for all files of it.
package struct OpenImages {
    private var images: [UInt64: OpenImage] = [:]
    /// Places that were read since there was room made.
    private var placesRead = 0
    /// About a hundred megabytes.
    private static let mostPlaces = 1 << 20

    package init() {}

    /// The image of a place, and which of its places that is.
    mutating func find(
        root: UInt32, path: ImagePath, in holder: borrowing some HoldsImages & ~Copyable
    ) throws -> (image: OpenImage, index: Int)? {
        guard let image = try image(under: ImagePlace.key(root: root, path: path), in: holder),
            let index = image.index(where: { $0.root == root && $0.path == path })
        else { return nil }
        return (image, index)
    }

    /// The image of an absolute path.
    mutating func find(
        at path: ImagePath, _ roots: ImageRoots, in holder: borrowing some HoldsImages & ~Copyable
    ) throws -> OpenImage? {
        let place = roots.place(of: path)
        if let found = try find(root: place.root, path: place.path, in: holder) { return found.image }
        // One that an earlier version has put in, and that no run has met since.
        return try find(root: 0, path: path.relative(to: ImagePath("/")), in: holder)?.image
    }

    /// The image of a content.
    mutating func find(
        with content: ImageContent, in holder: borrowing some HoldsImages & ~Copyable
    ) throws -> OpenImage? {
        guard let image = try image(under: content.attributeKey, in: holder), image.record.content == content else {
            return nil
        }
        return image
    }

    /// The image of a file that may have another name now: of this inode number, size and modification time.
    mutating func find(
        inode: UInt64, stamp: FileStamp, in holder: borrowing some HoldsImages & ~Copyable
    ) throws -> OpenImage? {
        guard inode != 0, let image = try image(under: FileStamp.key(inode: inode, stamp), in: holder),
            image.record.size == stamp.size
        else { return nil }
        let file = ImagePlace(
            root: 0, path: ImagePath(bytes: []), modificationTime: stamp.modificationTime, inode: inode)
        return image.hasName(of: file) ? image : nil
    }

    private mutating func image(
        under key: String, in holder: borrowing some HoldsImages & ~Copyable
    ) throws -> OpenImage? {
        guard let value = try holder.attribute(key), value.count == 8 else { return nil }
        let id = value.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        if let image = images[id] { return image }
        guard let payload = try holder.payload(of: id), let record = try? ImageRecord(decoding: payload) else {
            return nil
        }
        let image = OpenImage(id: id, record: record)
        images[id] = image
        placesRead += record.places.count
        return image
    }

    /// Between two files: forgets what was only read, if that is much.
    mutating func makeRoom() {
        guard placesRead > Self.mostPlaces else { return }
        images = images.filter { $0.value.isChanged }
        placesRead = 0
    }

    /// Writes what was changed.
    package func write(into transaction: inout Transaction) throws {
        for image in images.values where image.isChanged {
            try transaction.setPayload(image.record.encoded, of: image.id)
            image.isChanged = false
        }
    }
}
