import HashDB

/// An image that a store knows.
public struct StoredImage: Hashable, Sendable {
    /// The item that holds its code.
    public var id: UInt64
    /// What its payload says.
    public var record: ImageRecord
}

/// Images are found by their paths through attributes of the store, which lie in a tree on disk and so cost no memory:
/// the key is "path:" and the XXH3-128 of the path in 32 hexadecimal digits, the value the item's id, 8 bytes little-endian.
/// An attribute counts only if that item's record has the path, since items may be deleted and replaced by other means.
protocol HoldsImages: ~Copyable {
    func attribute(_ key: String) throws -> [UInt8]?
    func payload(of id: UInt64) throws -> [UInt8]?
}

extension Snapshot: HoldsImages {}
extension Transaction: HoldsImages {}

extension HoldsImages where Self: ~Copyable {
    func findImage(at path: ImagePath) throws -> StoredImage? {
        guard let value = try attribute(path.attributeKey), value.count == 8 else { return nil }
        let id = value.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        guard let payload = try payload(of: id), let record = try? ImageRecord(decoding: payload), record.path == path
        else {
            return nil
        }
        return StoredImage(id: id, record: record)
    }
}

extension ImagePath {
    var attributeKey: String { "path:\(ContentHash(of: bytes))" }
}

extension Transaction {
    /// Puts an image into the store under the id that its path has already, or the next. Returns whether it is new.
    mutating func putImage(_ record: ImageRecord, code: BinaryCode) throws -> Bool {
        if let known = try findImage(at: record.path) {
            try upsert(known.id, code: code, payload: record.encoded)
            return false
        }
        let id = try insert(code: code, payload: record.encoded)
        try setAttribute(record.path.attributeKey, (0..<8).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) })
        return true
    }

    /// Replaces the record of an image whose content is the same. Returns whether there is one.
    mutating func renewImage(_ record: ImageRecord) throws -> Bool {
        guard let known = try findImage(at: record.path), known.record.contentHash == record.contentHash else {
            return false
        }
        try setPayload(record.encoded, of: known.id)
        return true
    }

    /// Takes an image out of the store.
    mutating func removeImage(_ image: StoredImage) throws {
        try delete(image.id)
        try setAttribute(image.record.path.attributeKey, nil)
    }
}

extension Snapshot {
    /// What the payload of an item says about an image; `nil` if there is no such item, or it is not an image.
    ///
    /// - Throws: `ImageRecordError` if the payload begins as a record and is not one; errors of the store.
    public func imageRecord(of id: UInt64) throws -> ImageRecord? {
        guard let payload = try payload(of: id) else { return nil }
        do {
            return try ImageRecord(decoding: payload)
        } catch .notARecord {
            return nil
        }
    }

    /// The image of a path: absolute and without symbolic links, as `ImagePath.resolved()` gives it.
    public func image(at path: ImagePath) throws -> StoredImage? {
        try findImage(at: path)
    }
}
