/// What a store keeps beside the code of an image, as the item's payload: which file it was, and what tells that it still is.
///
/// Its encoding, version 1, little-endian:
///
///     offset  bytes  field
///     0       1      0x49 ("I"): the payload is a record of an image
///     1       1      1: version of this encoding
///     2       2      n, length of the path, at least 1
///     4       4      pixels from left to right, 1 to 2³¹ − 1
///     8       4      pixels from top to bottom, 1 to 2³¹ − 1
///     12      8      size of the file
///     20      8      modification time of the file, nanoseconds since 1970, signed
///     28      16     XXH3-128 of the file's bytes, most significant byte first
///     44      n      path: bytes as the file system has them, absolute
///
/// Nothing follows. A payload that deviates in any field is refused.
public struct ImageRecord: Hashable, Sendable {
    /// Where the file is: absolute, without symbolic links.
    public var path: ImagePath
    /// Size and modification time when it was read.
    public var stamp: FileStamp
    /// Hash of its bytes.
    public var contentHash: ContentHash
    /// Pixels from left to right as the image is shown.
    public var width: Int
    /// Pixels from top to bottom as the image is shown.
    public var height: Int

    /// Makes a record from its parts. The path may have 65,535 bytes, which is more than systems allow.
    public init(path: ImagePath, stamp: FileStamp, contentHash: ContentHash, width: Int, height: Int) {
        self.path = path
        self.stamp = stamp
        self.contentHash = contentHash
        self.width = width
        self.height = height
    }
}

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

    /// One line for people.
    public var description: String {
        switch self {
        case .notARecord: "the payload is not a record of an image"
        case .unknownVersion(let version):
            "the record of an image has version \(version), which this program does not know"
        case .wrongLength(let expected, let found): "the record of an image has \(found) bytes instead of \(expected)"
        case .invalidField(let field): "the record of an image has an impossible \(field)"
        }
    }
}

// MARK: - Encoding

extension ImageRecord {
    private static let kind = UInt8(ascii: "I")
    private static let version: UInt8 = 1
    private static let fixedBytes = 44

    /// The bytes to be stored.
    public var encoded: [UInt8] {
        var bytes = [ImageRecord.kind, ImageRecord.version]
        bytes.reserveCapacity(ImageRecord.fixedBytes + path.bytes.count)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
        }
        append(UInt16(truncatingIfNeeded: path.bytes.count))
        append(UInt32(truncatingIfNeeded: width))
        append(UInt32(truncatingIfNeeded: height))
        append(stamp.size)
        append(stamp.modificationTime)
        append(contentHash.high.byteSwapped)
        append(contentHash.low.byteSwapped)
        return bytes + path.bytes
    }

    /// Reads the bytes of a record.
    ///
    /// - Throws: `ImageRecordError` if they are not exactly one.
    public init(decoding bytes: [UInt8]) throws(ImageRecordError) {
        guard bytes.first == ImageRecord.kind else { throw .notARecord }
        guard bytes.count >= 2 else { throw .wrongLength(expected: ImageRecord.fixedBytes + 1, found: bytes.count) }
        guard bytes[1] == ImageRecord.version else { throw .unknownVersion(bytes[1]) }
        guard bytes.count > ImageRecord.fixedBytes else {
            throw .wrongLength(expected: ImageRecord.fixedBytes + 1, found: bytes.count)
        }
        func value<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value {
            bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
        }
        let pathBytes = Int(value(at: 2, as: UInt16.self))
        guard bytes.count == ImageRecord.fixedBytes + pathBytes else {
            throw .wrongLength(expected: ImageRecord.fixedBytes + pathBytes, found: bytes.count)
        }
        path = ImagePath(bytes: Array(bytes[ImageRecord.fixedBytes...]))
        guard !path.bytes.contains(0) else { throw .invalidField("path") }
        width = Int(value(at: 4, as: UInt32.self))
        height = Int(value(at: 8, as: UInt32.self))
        for side in [width, height] where !(1...Int(Int32.max)).contains(side) {
            throw .invalidField("number of pixels")
        }
        stamp = FileStamp(size: value(at: 12, as: UInt64.self), modificationTime: value(at: 20, as: Int64.self))
        contentHash = ContentHash(
            high: value(at: 28, as: UInt64.self).byteSwapped, low: value(at: 36, as: UInt64.self).byteSwapped)
    }
}
