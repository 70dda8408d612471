/// Why some bytes are no record of an image.
public enum ImageRecordError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Something else, going by the first byte.
    case notARecord
    /// A version that this library does not know.
    case unknownVersion(UInt8)
    /// Fewer or more bytes than the record says.
    case wrongLength(expected: Int, found: Int)
    /// A field has a value that it cannot have.
    case invalidField(String)
    /// What a store has under an item's id, or without one as the list of its images' directories, is not whole; where it is known, which
    /// store that is.
    case damaged(store: String?, item: UInt64?, reason: String)

    /// One line for people.
    public var description: String {
        switch self {
        case .notARecord: "the payload is not a record of an image"
        case .damaged(let store, let item?, _):
            "\(Self.place(store))the record of the image of id \(item) \(flaw); delete the item, and ingest its files again"
        case .damaged(let store, nil, _):
            """
            \(Self.place(store))the list of its folders (attribute \(ImageRoots.attribute)) \(flaw); restore the store from a backup, \
            or ingest into a new one
            """
        default: "the record of an image \(flaw)"
        }
    }

    private static func place(_ store: String?) -> String { store.map { "\($0): " } ?? "" }

    /// What follows the name of the thing.
    private var flaw: String {
        switch self {
        case .notARecord: "is none"
        case .unknownVersion(let version): "has version \(version), which this program does not know"
        case .wrongLength(let expected, let found): "has \(found) bytes instead of \(expected)"
        case .invalidField(let field): "has an impossible \(field)"
        case .damaged(_, _, let reason): reason
        }
    }

    /// The same of something that a store has.
    func damage(ofItem item: UInt64?) -> ImageRecordError { .damaged(store: nil, item: item, reason: flaw) }

    /// The same with the store's name.
    func inStore(_ name: String) -> ImageRecordError {
        guard case .damaged(nil, let item, let reason) = self else { return self }
        return .damaged(store: name, item: item, reason: reason)
    }
}

extension ImageRecord {
    static let kind = UInt8(ascii: "I")
    private static let version: UInt8 = 2
    private static let fixedBytes = 40
    private static let placeBytes = 22
    private static let noQuality = UInt8.max

    /// The bytes to be stored.
    public var encoded: [UInt8] {
        var bytes = [ImageRecord.kind, ImageRecord.version, quality ?? ImageRecord.noQuality, 0]
        bytes.reserveCapacity(ImageRecord.fixedBytes + places.reduce(0) { $0 + 22 + $1.path.bytes.count })
        bytes.append(little: UInt32(truncatingIfNeeded: width))
        bytes.append(little: UInt32(truncatingIfNeeded: height))
        bytes.append(little: size)
        bytes.append(little: contentHash.high.byteSwapped)
        bytes.append(little: contentHash.low.byteSwapped)
        bytes.append(little: UInt32(truncatingIfNeeded: places.count))
        for place in places {
            bytes.append(little: place.root)
            bytes.append(little: place.modificationTime)
            bytes.append(little: place.inode)
            bytes.append(little: UInt16(truncatingIfNeeded: place.path.bytes.count))
            bytes += place.path.bytes
        }
        return bytes
    }

    /// Reads the bytes of a record, of version 2 or 1.
    ///
    /// - Throws: `ImageRecordError` if they are not exactly one.
    public init(decoding bytes: [UInt8]) throws(ImageRecordError) {
        guard bytes.first == ImageRecord.kind else { throw .notARecord }
        guard bytes.count >= 2 else { throw .wrongLength(expected: ImageRecord.fixedBytes, found: bytes.count) }
        switch bytes[1] {
        case 1: self = try ImageRecord.firstVersion(RecordReader(bytes, at: 2))
        case 2: self = try ImageRecord.secondVersion(RecordReader(bytes, at: 2))
        default: throw .unknownVersion(bytes[1])
        }
    }

    private static func secondVersion(_ start: RecordReader) throws(ImageRecordError) -> ImageRecord {
        var reader = start
        let quality = try reader.next(UInt8.self)
        guard quality <= 100 || quality == noQuality else { throw .invalidField("quality") }
        guard try reader.next(UInt8.self) == 0 else { throw .invalidField("fourth byte") }
        let (width, height) = (try reader.pixels(), try reader.pixels())
        let size = try reader.next(UInt64.self)
        let hash = try reader.hash()
        let count = Int(try reader.next(UInt32.self))
        // Checked before room is made for them.
        let least = reader.position + count * (placeBytes + 1)
        guard reader.bytes.count >= least else { throw .wrongLength(expected: least, found: reader.bytes.count) }
        var places: [ImagePlace] = []
        places.reserveCapacity(count)
        for _ in 0..<count {
            let root = try reader.next(UInt32.self)
            let time = try reader.next(Int64.self)
            let inode = try reader.next(UInt64.self)
            let path = try reader.path(byteCount: Int(try reader.next(UInt16.self)))
            guard path.bytes.first != ImagePath.slash else { throw .invalidField("path") }
            places.append(ImagePlace(root: root, path: path, modificationTime: time, inode: inode))
        }
        try reader.finish()
        return ImageRecord(
            content: ImageContent(hash: hash, size: size), width: width, height: height,
            quality: quality == noQuality ? nil : quality, places: places)
    }

    /// Version 1: 0x49, 1, length of the path u16, width u32, height u32, size u64, modification time i64, hash, absolute path.
    private static func firstVersion(_ start: RecordReader) throws(ImageRecordError) -> ImageRecord {
        var reader = start
        let pathBytes = Int(try reader.next(UInt16.self))
        let (width, height) = (try reader.pixels(), try reader.pixels())
        let size = try reader.next(UInt64.self)
        let time = try reader.next(Int64.self)
        let hash = try reader.hash()
        let path = try reader.path(byteCount: pathBytes)
        try reader.finish()
        guard path.bytes.first == ImagePath.slash, path.bytes.count > 1 else { throw .invalidField("path") }
        let place = ImagePlace(
            root: 0, path: ImagePath(bytes: Array(path.bytes.drop { $0 == ImagePath.slash })), modificationTime: time,
            inode: 0)
        return ImageRecord(
            content: ImageContent(hash: hash, size: size), width: width, height: height, places: [place])
    }
}

extension Array where Element == UInt8 {
    /// Appends the bytes of a number, the least significant first.
    mutating func append(little value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { self += $0 }
    }
}

/// Reads the fields of a record one after another.
struct RecordReader {
    let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], at position: Int) {
        self.bytes = bytes
        self.position = position
    }

    private mutating func take(_ count: Int) throws(ImageRecordError) -> Int {
        guard bytes.count - position >= count else {
            throw .wrongLength(expected: position + count, found: bytes.count)
        }
        defer { position += count }
        return position
    }

    mutating func next<Value: FixedWidthInteger>(_ type: Value.Type) throws(ImageRecordError) -> Value {
        let start = try take(MemoryLayout<Value>.size)
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: type)) }
    }

    mutating func pixels() throws(ImageRecordError) -> Int {
        let side = Int(try next(UInt32.self))
        guard (1...Int(Int32.max)).contains(side) else { throw .invalidField("number of pixels") }
        return side
    }

    mutating func hash() throws(ImageRecordError) -> ContentHash {
        let high = try next(UInt64.self).byteSwapped
        return ContentHash(high: high, low: try next(UInt64.self).byteSwapped)
    }

    mutating func path(byteCount: Int) throws(ImageRecordError) -> ImagePath {
        let start = try take(byteCount)
        let path = ImagePath(bytes: Array(bytes[start..<start + byteCount]))
        guard byteCount > 0, !path.bytes.contains(0) else { throw .invalidField("path") }
        return path
    }

    func finish() throws(ImageRecordError) {
        guard position == bytes.count else { throw .wrongLength(expected: position, found: bytes.count) }
    }
}
