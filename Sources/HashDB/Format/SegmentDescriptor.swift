import CHamming

/// The shape of a segment: an immutable run of items in the order of ids, with their buckets for every substring.
///
/// 64 bytes in the store's header; Format.md gives them.
package struct SegmentDescriptor: Equatable, Sendable {
    static let size = 64

    /// Its name; later ones are larger.
    var number: UInt64
    /// Items, deleted ones among them. Rows are numbered from 0 in the order of ids.
    var rows: Int
    /// Rows that are deleted.
    var tombstones: Int = 0
    /// The commit that last deleted a row: while it stays, so do the tombstones.
    var tombstoneCommit: UInt64 = 0
    var firstID: UInt64
    var lastID: UInt64
    /// The number of substrings, m; 0: too small to have buckets.
    var substrings: Int
    /// The bits of each substring, w. Substring j begins at bit j · (q div m).
    var substringBits: Int
    /// A shard holds 2 to this power buckets.
    var shardBits: Int
    /// A row block holds 2 to this power rows.
    var rowBlockBits: Int
    /// Different codes among the rows; 0 where they were not counted.
    var distinct = 0
    /// Whether it is a source of the merge that is under way.
    var isBeingMerged = false

    /// Whether every id from the first to the last is there, so that a row's id is a sum.
    var hasConsecutiveIDs: Bool { lastID &- firstID == UInt64(rows - 1) }
    var rowBlocks: Int { (rows - 1) >> rowBlockBits + 1 }
    var shards: Int { 1 << (substringBits - shardBits) }

    /// The bytes of an entry of a bucket: a code's remainder after the substring, as far as it fits.
    func entryBytes(_ shape: CodeShape) -> Int {
        Int(hamming_entry_bytes(UInt32(shape.bitWidth), UInt32(substringBits)))
    }

    /// Whether a bucket's value and an entry are the whole code. Then equal codes are stored once, and rows in the first table only.
    func isComplete(_ shape: CodeShape) -> Bool { shape.bitWidth <= 128 }

    /// The first bit of a substring.
    func start(ofSubstring substring: Int, _ shape: CodeShape) -> Int { substring * (shape.bitWidth / substrings) }

    func rows(inBlock index: Int) -> Int { min(rows - index << rowBlockBits, 1 << rowBlockBits) }

    /// The rows of a row block.
    func rowRange(ofBlock index: Int) -> Range<Int> {
        let first = index << rowBlockBits
        return first..<first + rows(inBlock: index)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(number: number)
        bytes.append(number: UInt64(rows))
        bytes.append(number: UInt64(tombstones))
        bytes.append(number: tombstoneCommit)
        bytes.append(number: firstID)
        bytes.append(number: lastID)
        bytes.append(contentsOf: [UInt8(substrings), UInt8(substringBits), UInt8(shardBits), UInt8(rowBlockBits)])
        bytes.append(number: UInt32(distinct))
        bytes.append(number: UInt64(isBeingMerged ? 1 : 0))
    }

    /// Nil if the parts do not fit together: all that follows may rely on them.
    init?(decoding bytes: UnsafeRawBufferPointer, shape: CodeShape) {
        number = bytes.number(at: 0)
        rows = Int(truncatingIfNeeded: bytes.number(at: 8, as: UInt64.self))
        tombstones = Int(truncatingIfNeeded: bytes.number(at: 16, as: UInt64.self))
        tombstoneCommit = bytes.number(at: 24)
        firstID = bytes.number(at: 32)
        lastID = bytes.number(at: 40)
        substrings = Int(bytes[48])
        substringBits = Int(bytes[49])
        shardBits = Int(bytes[50])
        rowBlockBits = Int(bytes[51])
        distinct = Int(bytes.number(at: 52, as: UInt32.self))
        isBeingMerged = bytes.number(at: 56, as: UInt64.self) & 1 == 1
        guard (1...SegmentLayout.maximumRows).contains(rows), (0...rows).contains(distinct),
            (0...rows).contains(tombstones), firstID <= lastID,
            lastID - firstID >= UInt64(rows - 1), (6...24).contains(rowBlockBits), number <= StoreHeader.largestCount
        else { return nil }
        let isScanned = substrings == 0 && substringBits == 0 && shardBits == 0
        let isBucketed =
            (1...SegmentLayout.maximumSubstrings).contains(substrings)
            && (1...SegmentLayout.maximumSubstringBits).contains(substringBits)
            && substrings * substringBits <= shape.bitWidth && (0...substringBits).contains(shardBits)
        guard isScanned || isBucketed else { return nil }
    }

    init(
        number: UInt64, rows: Int, firstID: UInt64, lastID: UInt64, substrings: Int, substringBits: Int, shardBits: Int,
        rowBlockBits: Int
    ) {
        self.number = number
        self.rows = rows
        self.firstID = firstID
        self.lastID = lastID
        self.substrings = substrings
        self.substringBits = substringBits
        self.shardBits = shardBits
        self.rowBlockBits = rowBlockBits
    }
}
