/// Chooses how a segment is laid out for its number of codes and their width.
///
/// m substrings of w bits: with w near log2 n a bucket holds about one code (Norouzi, Punjani, Fleet, section 4.2), and m = q / w of them cover
/// the code. Wide codes would need many tables, each with a copy of every code; the pigeonhole argument also holds when substrings
/// leave bits out, so m stays at most 16 and w at most 24.
package enum SegmentLayout {
    package static let maximumSubstrings = 16
    package static let maximumSubstringBits = 24
    /// Rows are numbered by 32 bits, and a segment is built in memory.
    package static let maximumRows = 1 << 26
    /// Fewer codes than this are scanned in less time than a few probes take.
    static let minimumBucketedRows = 4096
    /// Blocks are about this large: small enough to verify in microseconds, large enough that their pointers stay in cache.
    static let targetBlockBytes = 1 << 16

    static func descriptor(number: UInt64, rows: Int, firstID: UInt64, lastID: UInt64, shape: CodeShape)
        -> SegmentDescriptor
    {
        var descriptor = SegmentDescriptor(
            number: number, rows: rows, firstID: firstID, lastID: lastID, substrings: 0, substringBits: 0, shardBits: 0,
            rowBlockBits: max(6, log2(targetBlockBytes / (8 + shape.stride))))
        guard rows >= minimumBucketedRows else { return descriptor }
        let natural = max(8, log2(rows + rows * 53 / 128))  // log2 n, rounded: 181 / 128 is the root of 2
        descriptor.substrings = min(maximumSubstrings, (shape.bitWidth + natural - 1) / natural)
        descriptor.substringBits = min(shape.bitWidth / descriptor.substrings, natural, maximumSubstringBits)
        // Four bytes of offset, and the bucket's share of codes and rows.
        let bucketBytes = 4 + Double(rows) / Double(1 << descriptor.substringBits) * Double(shape.stride + 4)
        descriptor.shardBits = min(descriptor.substringBits, log2(max(1, Int(Double(targetBlockBytes) / bucketBytes))))
        return descriptor
    }

    /// The exponent of the largest power of two that is at most n. n > 0.
    private static func log2(_ n: Int) -> Int { Int.bitWidth - 1 - n.leadingZeroBitCount }
}
