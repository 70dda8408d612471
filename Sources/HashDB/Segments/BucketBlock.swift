import CHamming

/// A shard: the buckets of one substring whose values share their high bits. A bucket is read in one run.
///
/// After the block header: 2^shardBits + 1 offsets (u32) into the entries, padded to 8 bytes; the entries, bucket by bucket. An entry is what
/// its code has after the substring (`hamming_cut`).
///
/// Where that is the whole rest of the code, equal codes are one entry. If any are, the header says that the block is grouped, and the
/// number of rows of each entry follows (u8, 255 for more; padded to 4 bytes). Only the blocks of substring 0, whose entries ascend within a
/// bucket, know the rows, for the other blocks' codes can be looked up there: row numbers (u32), one for each entry, or, in a grouped
/// block, first an offset for each entry and one more.
///
/// Where entries are a part of the code, each row has its entry, and every block has the rows of its entries.
///
/// Zeros fill up to HAMMING_PADDING bytes after the entries, and to a page.
struct BucketBlock {
    static let groupedFlag = 1 << 16

    private let base: UnsafeRawPointer
    private let entriesAt: Int
    private let entryBytes: Int
    private let isGrouped: Bool
    /// The number of entries.
    let count: Int

    init(_ address: UnsafePointer<UInt8>, shardBits: Int, entryBytes: Int) {
        base = UnsafeRawPointer(address)
        self.entryBytes = entryBytes
        entriesAt = hamming_block_entries_offset(UInt32(shardBits))
        count = Int(base.number(at: 12, as: UInt32.self))
        isGrouped = Int(base.number(at: 28, as: UInt32.self)) & Self.groupedFlag != 0
    }

    /// The positions of a bucket's entries within the block.
    func positions(ofBucket bucket: Int) -> Range<Int> {
        let offset = BlockHeader.size + 4 * bucket
        return Int(base.number(at: offset, as: UInt32.self))..<Int(base.number(at: offset + 4, as: UInt32.self))
    }

    func entry(at position: Int) -> UnsafePointer<UInt8> {
        (base + entriesAt + position * entryBytes).assumingMemoryBound(to: UInt8.self)
    }

    /// The position of an entry in a bucket whose entries ascend.
    func position(of entry: UnsafePointer<UInt8>, inBucket bucket: Int, _ cut: SubstringCut) -> Int? {
        let positions = positions(ofBucket: bucket)
        let found = hamming_find_entry(cut.cut, self.entry(at: positions.lowerBound), positions.count, entry)
        return found < positions.count ? positions.lowerBound + found : nil
    }

    /// The rows of an entry, ascending. Only where the block has rows.
    func rows(at position: Int) -> RowList {
        var rowsAt = base + entriesAt + count * entryBytes
        guard isGrouped else { return RowList(base: rowsAt + 4 * position, count: 1) }
        rowsAt += Self.sizeOfCounts(count)
        let first = Int(rowsAt.number(at: 4 * position, as: UInt32.self))
        let end = Int(rowsAt.number(at: 4 * position + 4, as: UInt32.self))
        return RowList(base: rowsAt + 4 * (count + 1 + first), count: end - first)
    }

    /// The bytes of `count` numbers of rows.
    static func sizeOfCounts(_ count: Int) -> Int { (count + 3) & ~3 }

    /// Row numbers where they lie. Valid as long as the snapshot.
    struct RowList: RandomAccessCollection {
        fileprivate let base: UnsafeRawPointer
        let count: Int

        fileprivate init(base: UnsafeRawPointer, count: Int) {
            self.base = base
            self.count = count
        }

        /// What the kernels have found; nil if that is nothing.
        init?(_ found: hamming_row_list) {
            guard let rows = found.rows else { return nil }
            self.init(base: UnsafeRawPointer(rows), count: Int(found.count))
        }

        var startIndex: Int { 0 }
        var endIndex: Int { count }
        subscript(index: Int) -> UInt32 { base.number(at: 4 * index) }
    }

    /// Verifies all that kernels and look-ups rely on: sizes, offsets in order, rows within the segment.
    static func check(
        _ block: UnsafeRawBufferPointer, _ segment: SegmentDescriptor, _ substring: Int, _ shard: Int,
        _ shape: CodeShape
    ) throws(BlockDamage) {
        let header = try BlockHeader.check(block, kind: .buckets, segment: segment.number, index: shard)
        let isComplete = segment.isComplete(shape)
        let isGrouped = isComplete && header.detail == groupedFlag | substring
        guard isGrouped || header.detail == substring, header.count <= segment.rows else {
            throw BlockDamage("it does not fit the segment")
        }
        var at = hamming_block_entries_offset(UInt32(segment.shardBits)) + header.count * segment.entryBytes(shape)
        guard block.count >= at + Int(HAMMING_PADDING) else { throw BlockDamage("it is too short") }
        try checkOffsets(block, at: BlockHeader.size, count: 1 << segment.shardBits, end: header.count)
        if isGrouped { at += sizeOfCounts(header.count) }
        guard block.count >= at else { throw BlockDamage("it is too short") }
        guard substring == 0 || !isComplete else { return }
        var rows = header.count
        if isGrouped {
            let offsetsAt = at
            at += 4 * (rows + 1)
            guard block.count >= at else { throw BlockDamage("it is too short") }
            rows = Int(block.number(at: at - 4, as: UInt32.self))
            try checkOffsets(block, at: offsetsAt, count: header.count, end: rows)
        }
        guard rows <= segment.rows, block.count >= at + 4 * rows else { throw BlockDamage("it is too short") }
        var largest: UInt32 = 0
        for i in 0..<rows { largest = max(largest, block.number(at: at + 4 * i)) }
        guard rows == 0 || Int(largest) < segment.rows else { throw BlockDamage("it names a row past the last") }
    }

    private static func checkOffsets(_ block: UnsafeRawBufferPointer, at start: Int, count: Int, end: Int)
        throws(BlockDamage)
    {
        var last: UInt32 = 0
        for i in 0...count {
            let offset: UInt32 = block.number(at: start + 4 * i)
            guard offset >= last else { throw BlockDamage("its offsets are out of order") }
            last = offset
        }
        guard block.number(at: start) == UInt32(0), Int(last) == end else {
            throw BlockDamage("its offsets do not fit its entries")
        }
    }
}

/// The buckets of a shard on their way into a block.
struct BucketBlockEncoder {
    let entryBytes: Int
    let shardBits: Int
    /// The number of entries in each bucket so far.
    var bucketCounts: [UInt32] = []
    var entries: [UInt8] = []
    /// The number of rows of each entry, where blocks are grouped.
    var sizes: [UInt32] = []
    var rows: [UInt32] = []

    func encode(segment: UInt64, substring: Int, shard: Int) -> [UInt8] {
        let count = bucketCounts.reduce(0) { $0 + Int($1) }
        let isGrouped = sizes.contains { $0 > 1 }
        let header = BlockHeader(
            kind: .buckets, count: count, segment: segment, index: shard,
            detail: substring | (isGrouped ? BucketBlock.groupedFlag : 0))
        var bytes = header.bytes
        let entriesAt = hamming_block_entries_offset(UInt32(shardBits))
        bytes.reserveCapacity(entriesAt + entries.count + 4 * (2 * sizes.count + 1 + rows.count) + Int(HAMMING_PADDING))
        Self.append(runningSumsOf: bucketCounts, to: &bytes)
        bytes.append(contentsOf: repeatElement(0, count: entriesAt - bytes.count))
        bytes.append(contentsOf: entries)
        if isGrouped {
            bytes.append(contentsOf: sizes.map { UInt8(clamping: $0) })
            bytes.append(contentsOf: repeatElement(0, count: BucketBlock.sizeOfCounts(count) - count))
            if !rows.isEmpty { Self.append(runningSumsOf: sizes, to: &bytes) }
        }
        rows.withUnsafeBytes { bytes.append(contentsOf: $0) }
        let shortage = entriesAt + entries.count + Int(HAMMING_PADDING) - bytes.count
        if shortage > 0 { bytes.append(contentsOf: repeatElement(0, count: shortage)) }
        return bytes
    }

    /// Zero and the sums of the first, the first two, … of the counts.
    private static func append(runningSumsOf counts: [UInt32], to bytes: inout [UInt8]) {
        var sums = [UInt32](repeating: 0, count: counts.count + 1)
        for (i, count) in counts.enumerated() { sums[i + 1] = sums[i] + count }
        sums.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
}
