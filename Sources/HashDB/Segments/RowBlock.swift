/// Codes and ids of up to 2^rowBlockBits rows, in the order of ids.
///
/// After the block header: the codes, a stride each; then the ids, 8 bytes each, or only the first where the header's detail is 1 and they
/// follow one another; zeros up to a page.
struct RowBlock {
    let count: Int
    /// The first code.
    let codes: UnsafeRawPointer
    private let ids: UnsafeRawPointer
    private let isConsecutive: Bool
    private let stride: Int

    /// Rows elsewhere in memory: codes, a stride each, and all ids.
    init(count: Int, codes: UnsafeRawPointer, ids: UnsafeRawPointer, stride: Int) {
        self.count = count
        self.codes = codes
        self.ids = ids
        self.stride = stride
        isConsecutive = false
    }

    init(_ address: UnsafePointer<UInt8>, rows: Int, stride: Int) {
        let base = UnsafeRawPointer(address)
        count = rows
        isConsecutive = base.number(at: 28, as: UInt32.self) == 1
        codes = base + BlockHeader.size
        ids = codes + rows * stride
        self.stride = stride
    }

    /// The id of a row of the block.
    @inline(__always)
    func id(at index: Int) -> UInt64 {
        isConsecutive ? ids.number(at: 0) + UInt64(index) : ids.number(at: 8 * index)
    }

    /// Some rows, at least one.
    func stretch(_ first: Int, count: Int) -> EntryStretch {
        EntryStretch(
            count: count, codes: codes + first * stride, ids: isConsecutive ? ids : ids + 8 * first,
            firstOffset: isConsecutive ? first : nil)
    }

    static func check(
        _ block: UnsafeRawBufferPointer, _ segment: SegmentDescriptor, _ index: Int, _ shape: CodeShape
    ) throws(BlockDamage) {
        let header = try BlockHeader.check(block, kind: .rows, segment: segment.number, index: index)
        let rows = segment.rows(inBlock: index)
        guard header.count == rows, header.detail <= 1 else { throw BlockDamage("it does not fit the segment") }
        let size = BlockHeader.size + (header.detail == 1 ? 8 : 8 * rows) + rows * shape.stride
        guard block.count >= size else { throw BlockDamage("it is too short") }
        let first: UInt64 = block.number(at: BlockHeader.size + rows * shape.stride)
        guard header.detail == 0 || first <= UInt64.max - UInt64(rows - 1) else {
            throw BlockDamage("its ids overflow")
        }
    }

    /// The bytes of a block of rows `range` of a run.
    static func encode(_ run: CodeRun, _ range: Range<Int>, segment: UInt64, index: Int) -> [UInt8] {
        let ids = run.ids[range]
        let isConsecutive =
            range.isEmpty || run.ids[range.upperBound - 1] &- run.ids[range.lowerBound] == UInt64(range.count - 1)
        let header = BlockHeader(
            kind: .rows, count: range.count, segment: segment, index: index, detail: isConsecutive ? 1 : 0)
        var bytes = header.bytes
        bytes.reserveCapacity(bytes.count + range.count * (8 + run.shape.stride))
        bytes.append(contentsOf: run.codes[range.lowerBound * run.shape.stride..<range.upperBound * run.shape.stride])
        (isConsecutive ? ids.prefix(1) : ids).withUnsafeBytes { bytes.append(contentsOf: $0) }
        return bytes
    }
}
