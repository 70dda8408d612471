import LMDB

/// The newest items, in the order in which they came: appended at little cost, scanned flat, folded into a segment when they are many.
///
/// An entry's position never changes. Blocks hold `blockCapacity` entries each. After the block header: the ids, 8 bytes each; the codes,
/// a stride each; a bit for each entry of a full block, 1 where it is deleted. `delta-ids` maps an id that is here to its position (u32).
struct DeltaBlock {
    static let blockCapacity = 512
    /// More entries than this are folded at the end of the commit that brought them.
    static let foldingThreshold = 16_384

    let index: Int
    private(set) var ids: [UInt64] = []
    private(set) var codes: [UInt8] = []
    private(set) var deleted = [UInt8](repeating: 0, count: blockCapacity / 8)

    init(index: Int) { self.index = index }

    init(decoding block: UnsafeRawBufferPointer, index: Int, shape: CodeShape) throws(BlockDamage) {
        let view = try DeltaBlockView(block, index: index, shape: shape)
        self.index = index
        ids = (0..<view.count).map { view.id(at: $0) }
        codes = Array(UnsafeRawBufferPointer(start: view.codes, count: view.count * shape.stride))
        deleted = Array(view.deleted)
    }

    var isFull: Bool { ids.count == Self.blockCapacity }

    mutating func append(_ id: UInt64, _ code: BinaryCode, _ shape: CodeShape) {
        ids.append(id)
        shape.append(code, to: &codes)
    }

    mutating func replaceCode(at position: Int, by code: BinaryCode, _ shape: CodeShape) {
        let start = position * shape.stride
        code.withUnsafeBytes { codes.replaceSubrange(start..<start + shape.byteCount, with: $0) }
    }

    mutating func delete(at position: Int) { deleted[position / 8] |= 1 << UInt8(position % 8) }

    func encode() -> [UInt8] {
        var bytes = BlockHeader(kind: .delta, count: ids.count, segment: 0, index: index).bytes
        for id in ids { bytes.append(number: id) }
        bytes += codes
        bytes += deleted
        BlockHeader.seal(&bytes)
        return bytes
    }
}

/// A delta block where it lies, verified. Valid as long as its snapshot.
struct DeltaBlockView {
    let count: Int
    let codes: UnsafeRawPointer
    let deleted: UnsafeRawBufferPointer
    private let ids: UnsafeRawPointer

    init(_ block: UnsafeRawBufferPointer, index: Int, shape: CodeShape) throws(BlockDamage) {
        let header = try BlockHeader.check(block, kind: .delta, segment: 0, index: index)
        let size = BlockHeader.size + header.count * (8 + shape.stride) + DeltaBlock.blockCapacity / 8
        guard let base = block.baseAddress, (1...DeltaBlock.blockCapacity).contains(header.count), block.count == size
        else {
            throw BlockDamage("its size is wrong")
        }
        count = header.count
        ids = base + BlockHeader.size
        codes = ids + 8 * count
        deleted = UnsafeRawBufferPointer(start: codes + count * shape.stride, count: DeltaBlock.blockCapacity / 8)
    }

    func id(at position: Int) -> UInt64 { ids.number(at: 8 * position) }
    func isDeleted(at position: Int) -> Bool { deleted[position / 8] >> UInt8(position % 8) & 1 == 1 }
}
