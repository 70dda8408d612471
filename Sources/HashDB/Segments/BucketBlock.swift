import CHamming

/// A shard: the buckets of one substring whose values share their high bits.
///
/// After the block header: 2^shardBits + 1 offsets (u32) into what follows, padded to 8 bytes; the codes, bucket by bucket and within
/// a bucket in the order of rows; their rows (u32); zeros up to a page. A bucket is read in one run: nothing is fetched through a row number.
struct BucketBlock {
    private let base: UnsafeRawPointer
    private let stride: Int
    private let codesAt: Int
    let count: Int

    init(_ address: UnsafePointer<UInt8>, shardBits: Int, stride: Int) {
        base = UnsafeRawPointer(address)
        self.stride = stride
        codesAt = hamming_block_codes_offset(UInt32(shardBits))
        count = Int(base.number(at: 12, as: UInt32.self))
    }

    /// The positions of a bucket's codes within the block.
    func positions(ofBucket bucket: Int) -> Range<Int> {
        let offset = BlockHeader.size + 4 * bucket
        return Int(base.number(at: offset, as: UInt32.self))..<Int(base.number(at: offset + 4, as: UInt32.self))
    }

    func code(at position: Int) -> UnsafeRawPointer { base + codesAt + position * stride }

    func row(at position: Int) -> Int { Int(base.number(at: codesAt + count * stride + 4 * position, as: UInt32.self)) }

    /// Verifies all that kernels rely on: sizes, offsets in order, rows within the segment.
    static func check(
        _ block: UnsafeRawBufferPointer, _ segment: SegmentDescriptor, _ substring: Int, _ shard: Int,
        _ shape: CodeShape
    ) throws(BlockDamage) {
        let header = try BlockHeader.check(block, kind: .buckets, segment: segment.number, index: shard)
        let buckets = 1 << segment.shardBits
        let codesAt = hamming_block_codes_offset(UInt32(segment.shardBits))
        guard header.detail == substring, header.count <= segment.rows else {
            throw BlockDamage("it does not fit the segment")
        }
        guard block.count >= codesAt + header.count * (shape.stride + 4) else { throw BlockDamage("it is too short") }
        var last: UInt32 = 0
        for bucket in 0...buckets {
            let offset: UInt32 = block.number(at: BlockHeader.size + 4 * bucket)
            guard offset >= last else { throw BlockDamage("its offsets are out of order") }
            last = offset
        }
        guard block.number(at: BlockHeader.size) == UInt32(0), last == UInt32(header.count) else {
            throw BlockDamage("its offsets do not fit its codes")
        }
        let rowsAt = codesAt + header.count * shape.stride
        var largest: UInt32 = 0
        for i in 0..<header.count { largest = max(largest, block.number(at: rowsAt + 4 * i)) }
        guard header.count == 0 || Int(largest) < segment.rows else {
            throw BlockDamage("it names a row past the last")
        }
    }
}
