import CHamming

/// Chooses how a segment is laid out for its number of codes and their width.
///
/// m substrings of w bits, w no more than 16. Norouzi, Punjani and Fleet (section 4.2) advise w near log2 n, where a bucket holds one code;
/// but to look a bucket up costs as much as to compare with a hundred codes that lie side by side, so that fuller buckets of fewer values
/// are cheaper: 8 to 16 codes while n is small, more when w has come to 16 and n grows on. Wide codes would need many tables, and the
/// pigeonhole argument also holds when substrings leave bits out, so m stays at most 16.
package enum SegmentLayout {
    package static let maximumSubstrings = Int(HAMMING_MAX_SUBSTRINGS)
    package static let maximumSubstringBits = 16
    /// Rows are numbered by 32 bits.
    package static let maximumRows = 1 << 31
    /// Fewer codes than this are scanned in less time than a few probes take.
    static let minimumBucketedRows = 4096
    /// Blocks of buckets are about this large: small enough to verify in microseconds, large enough that their pointers stay in cache.
    static let targetBucketBlockBytes = 48 << 10
    static let targetRowBlockBytes = 1 << 17

    static func descriptor(
        number: UInt64, rows: Int, firstID: UInt64, lastID: UInt64, shape: CodeShape, isIndexed: Bool = true
    ) -> SegmentDescriptor {
        var descriptor = SegmentDescriptor(
            number: number, rows: rows, firstID: firstID, lastID: lastID, substrings: 0, substringBits: 0, shardBits: 0,
            rowBlockBits: rowBlockBits(shape))
        guard isIndexed, rows >= minimumBucketedRows else { return descriptor }
        let natural = min(max(log2(rows) - 3, 8), maximumSubstringBits)
        let m = min(max((2 * shape.bitWidth + natural) / (2 * natural), 1), maximumSubstrings)
        descriptor.substrings = shape.bitWidth <= maximumSubstringBits ? 1 : m
        descriptor.substringBits = min(shape.bitWidth / descriptor.substrings, natural + 2, maximumSubstringBits)
        if descriptor.substrings == 1 { descriptor.substringBits = min(shape.bitWidth, maximumSubstringBits) }
        // Four bytes of offset, and the bucket's share of entries and rows.
        let load = Double(rows) / Double(1 << descriptor.substringBits)
        let entry = Double(descriptor.entryBytes(shape)) + 4 / Double(descriptor.substrings)
        let perShard = Double(targetBucketBlockBytes) / (4 + load * entry)
        descriptor.shardBits = min(descriptor.substringBits, log2(max(1, Int(perShard * 1.42))))
        return descriptor
    }

    static func rowBlockBits(_ shape: CodeShape) -> Int { max(6, log2(targetRowBlockBytes / shape.stride)) }

    /// The exponent of the largest power of two that is at most n. n > 0.
    private static func log2(_ n: Int) -> Int { Int.bitWidth - 1 - n.leadingZeroBitCount }
}
