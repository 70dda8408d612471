// The keys of a collection's databases. Numbers in keys are big-endian, so that LMDB's order of bytes is theirs.

/// The key of a block in `segments`: 16 bytes, segment (8), part (4), index (4).
struct BlockKey: Hashable, Sendable {
    /// What a block of a segment is part of.
    enum Part: Hashable, Sendable {
        /// Ids and codes in the order of ids; the index counts blocks.
        case rows
        /// The first id of every row block; index 0.
        case fence
        /// Which rows of a row block are deleted; indexed like it.
        case tombstones
        /// Ids that were deleted while the segment was made of others; numbered one by one.
        case deletions
        /// The buckets of a substring; the index counts shards.
        case table(Int)

        /// Nil where no part has the number.
        init?(number: UInt32) {
            switch number {
            case 0: self = .rows
            case 1: self = .fence
            case 2: self = .tombstones
            case 3: self = .deletions
            case 16...: self = .table(Int(number) - 16)
            default: return nil
            }
        }

        var number: UInt32 {
            switch self {
            case .rows: 0
            case .fence: 1
            case .tombstones: 2
            case .deletions: 3
            case .table(let substring): 16 + UInt32(substring)
            }
        }
    }

    var segment: UInt64
    var part: Part
    var index: Int

    init(segment: UInt64, part: Part, index: Int) {
        self.segment = segment
        self.part = part
        self.index = index
    }

    /// What the bytes say that `withBytes` made; nil where they are no such key.
    init?(decoding key: UnsafeRawBufferPointer) {
        guard key.count == 16,
            let part = Part(number: UInt32(bigEndian: key.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        else { return nil }
        segment = UInt64(bigEndian: key.loadUnaligned(as: UInt64.self))
        self.part = part
        index = Int(UInt32(bigEndian: key.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
    }

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(of: (segment.bigEndian, part.number.bigEndian, UInt32(index).bigEndian), body)
    }
}

/// The key of an attribute: bytes, since texts that differ in theirs may be equal as `String`.
struct AttributeKey: Hashable {
    let bytes: [UInt8]

    /// How many bytes a key may have, as LMDB holds them.
    static let sizes = 1...400

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Throws `HashDBError.invalidName` unless the text can be a key.
    static func check(_ text: String) throws {
        guard sizes.contains(text.utf8.count) else { throw HashDBError.invalidName(text) }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Runs `body` on the key of a number: its 8 bytes.
func withKey<R>(_ number: UInt64, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withUnsafeBytes(of: number.bigEndian, body)
}

/// Runs `body` on the key of a name: its UTF-8.
func withKey<R>(_ name: String, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    var name = name
    return try name.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
}

/// The number in a key that `withKey` made; 0 where the key is of another length.
func number(ofKey key: UnsafeRawBufferPointer) -> UInt64 {
    key.count == 8 ? UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) : 0
}
