import HashDB

/// An image that a store knows.
public struct StoredImage: Hashable, Sendable {
    /// The item that holds its code.
    public var id: UInt64
    /// What its payload says.
    public var record: ImageRecord
}

/// Images are found by what is known of their files through attributes of the store, which lie in a tree on disk and so cost no
/// memory. The value is the item's id, 8 bytes little-endian; the key is
///
/// - `path:` and the XXH3-128 of a place in 32 hexadecimal digits: of its root's number in decimal digits, a zero and the path; for root 0, of
///   the absolute path;
/// - `content:` and the content's hash, `:` and its size in hexadecimal digits;
/// - `file:` and the XXH3-128 of inode number, modification time and size, 8 bytes little-endian each, where the inode number is known.
///
/// An attribute counts only if that item's record says the same, since items may be deleted and replaced by other means.
protocol HoldsImages: ~Copyable {
    func attribute(_ key: String) throws -> [UInt8]?
    func payload(of id: UInt64) throws -> [UInt8]?
}

extension Snapshot: HoldsImages {}
extension Transaction: HoldsImages {}

extension HoldsImages where Self: ~Copyable {
    /// The image of a content.
    func findImage(with content: ImageContent) throws -> StoredImage? {
        var images = OpenImages()
        return try images.find(with: content, in: self)?.stored
    }

    /// The roots of all places.
    func findRoots() throws -> ImageRoots {
        guard let bytes = try attribute(ImageRoots.attribute) else { return ImageRoots() }
        do throws(ImageRecordError) {
            return try ImageRoots(decoding: bytes)
        } catch {
            throw error.damage(ofItem: nil)
        }
    }
}

extension ImagePlace {
    static func key(root: UInt32, path: ImagePath) -> String {
        let start = root == 0 ? [ImagePath.slash] : Array("\(root)".utf8) + [0]
        return "path:\(ContentHash(of: start + path.bytes))"
    }

    var pathKey: String { ImagePlace.key(root: root, path: path) }

    /// The key of the file, where it has one.
    func fileKey(size: UInt64) -> String? {
        inode == 0 ? nil : FileStamp.key(inode: inode, FileStamp(size: size, modificationTime: modificationTime))
    }
}

extension FileStamp {
    static func key(inode: UInt64, _ stamp: FileStamp) -> String {
        var bytes: [UInt8] = []
        bytes.append(little: inode)
        bytes.append(little: stamp.modificationTime)
        bytes.append(little: stamp.size)
        return "file:\(ContentHash(of: bytes))"
    }
}

extension ImageContent {
    var attributeKey: String { "content:\(key)" }

    /// Hash and size in hexadecimal digits.
    var key: String { "\(hash):\(String(size, radix: 16))" }

    /// Reads a `key`; `nil` for what is none.
    init?(key: some StringProtocol) {
        let parts = key.split(separator: ":")
        guard parts.count == 2, let hash = ContentHash(hexadecimal: parts[0]), let size = UInt64(parts[1], radix: 16)
        else { return nil }
        self.init(hash: hash, size: size)
    }
}

extension Snapshot {
    /// What the payload of an item says about an image; `nil` if there is no such item, or it is not an image.
    ///
    /// A payload that begins as a record and is none is a program's own, unless the store has a list of the images' directories.
    /// - Throws: `ImageRecordError` if a record is damaged; errors of the store.
    public func imageRecord(of id: UInt64) throws -> ImageRecord? {
        guard let payload = try payload(of: id) else { return nil }
        do throws(ImageRecordError) {
            return try ImageRecord(decoding: payload)
        } catch .notARecord {
            return nil
        } catch {
            guard try attribute(ImageRoots.attribute) != nil else { return nil }
            throw error.damage(ofItem: id)
        }
    }

    /// The directories that the places in records begin at.
    ///
    /// - Throws: `ImageRecordError` if their list is damaged; errors of the store.
    public func imageRoots() throws -> ImageRoots {
        try findRoots()
    }

    /// The absolute paths of an item's files, in the order in which they were found; none, if it is not an image.
    ///
    /// - Throws: as `imageRecord(of:)` and `imageRoots()`.
    public func imagePaths(of id: UInt64) throws -> [ImagePath] {
        guard let record = try imageRecord(of: id) else { return [] }
        return try imageRoots().paths(of: record)
    }

    /// The image of a path: absolute and without symbolic links, as `ImagePath.resolved()` gives it.
    ///
    /// - Throws: errors of the store.
    public func image(at path: ImagePath) throws -> StoredImage? {
        let roots = try findRoots()
        var images = OpenImages()
        return try images.find(at: path, roots, in: self)?.stored
    }

    /// The image with this content, wherever its files are.
    ///
    /// - Throws: errors of the store.
    public func image(with content: ImageContent) throws -> StoredImage? {
        try findImage(with: content)
    }

    /// Calls `body` on the images from id `first` on, in the order of ids, until it returns false. Items that are not images are left out.
    ///
    /// - Throws: errors of the store; what `body` throws; in a task `CancellationError` when it is cancelled.
    public func forEachImage(from first: UInt64 = 0, _ body: (StoredImage, BinaryCode) throws -> Bool) throws {
        try forEachItem(from: first, payloads: true) { item in
            guard let payload = item.payload, let record = try? ImageRecord(decoding: payload) else { return true }
            return try body(StoredImage(id: item.id, record: record), item.code)
        }
    }
}

extension Store {
    /// What is damaged of all that the store has beside the codes of images: the list of their directories, and records. It reads them all.
    ///
    /// In a store that has no such list, payloads are its programs' own.
    /// - Throws: errors of the store; in a task `CancellationError` when it is cancelled.
    public func damagedImageRecords() throws -> [ImageRecordError] {
        try read { snapshot in
            guard try snapshot.attribute(ImageRoots.attribute) != nil else { return [] }
            var damaged: [ImageRecordError] = []
            var roots: ImageRoots?
            do { roots = try snapshot.findRoots() } catch let error as ImageRecordError { damaged.append(error) }
            try snapshot.forEachItem(from: 0, payloads: true) { item in
                do throws(ImageRecordError) {
                    let record = try ImageRecord(decoding: item.payload ?? [])
                    if let roots, !record.places.allSatisfy({ roots[$0.root] != nil }) { throw .invalidField("root") }
                } catch {
                    if error != .notARecord { damaged.append(error.damage(ofItem: item.id)) }
                }
                return true
            }
            return damaged.map(naming)
        }
    }

    /// Runs what finds damaged records, which then name the store.
    func namingDamage<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as ImageRecordError { throw naming(error) }
    }

    private func naming(_ error: ImageRecordError) -> ImageRecordError {
        error.inStore(collection == Store.defaultCollection ? path : "\(path), \(collection)")
    }
}
