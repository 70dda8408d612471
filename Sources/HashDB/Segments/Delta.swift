import LMDB

/// The newest items: appended at little cost, scanned flat, folded into a segment when they are many.
///
/// Blocks hold `blockCapacity` entries each, but for the last, which grows with the next commits. An entry is found by its block, of which
/// there are few, and then by bisection. After the block header: the ids, which ascend, 8 bytes each; the codes, a stride each; a bit for
/// each entry of a full block, 1 where it is deleted.
///
/// This is a copy of a block, to be changed and written.
struct DeltaBlock {
    static let blockCapacity = 512
    /// More entries than this are folded at the end of the commit that brought them.
    static let foldingThreshold = 16_384

    /// How many blocks so many entries take.
    static func blocks(_ entries: Int) -> Int { (entries + blockCapacity - 1) / blockCapacity }

    private var run: CodeRun
    private var deleted = [UInt8](repeating: 0, count: blockCapacity / 8)

    /// A new block.
    ///
    /// - Precondition: the ids of the run ascend; there are 1 to `blockCapacity`.
    init(_ run: CodeRun) { self.run = run }

    init(copying view: DeltaBlockView, shape: CodeShape) {
        run = CodeRun(shape: shape)
        run.ids = (0..<view.count).map { view.id(at: $0) }
        run.codes = Array(UnsafeRawBufferPointer(start: view.codes, count: view.count * shape.stride))
        deleted = Array(view.deleted)
    }

    /// The ids of the entries that are not deleted.
    var liveIDs: [(position: Int, id: UInt64)] {
        run.ids.indices.filter { !isDeleted(at: $0) }.map { ($0, run.ids[$0]) }
    }

    mutating func replaceCode(at position: Int, by code: BinaryCode) { run.replaceCode(ofRow: position, by: code) }
    mutating func delete(at position: Int) { deleted[position / 8] |= 1 << UInt8(position % 8) }

    /// The entries that are not deleted.
    var live: CodeRun { deleted.allSatisfy { $0 == 0 } ? run : run.filter { !isDeleted(at: $0) } }

    private func isDeleted(at position: Int) -> Bool { deleted[position / 8] >> UInt8(position % 8) & 1 == 1 }

    func encode(index: Int) -> [UInt8] {
        var bytes = BlockHeader(kind: .delta, count: run.count, segment: 0, index: index).bytes
        bytes.reserveCapacity(BlockHeader.size + run.ids.count * 8 + run.codes.count + deleted.count)
        run.ids.map { $0.littleEndian }.withUnsafeBytes { bytes += $0 }
        bytes += run.codes
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
    let hasDeleted: Bool
    private let ids: UnsafeRawPointer
    private let block: UnsafeRawBufferPointer
    private let checksum: UInt64

    init(_ block: UnsafeRawBufferPointer, index: Int, shape: CodeShape) throws(BlockDamage) {
        let header = try BlockHeader.check(block, kind: .delta, segment: 0, index: index)
        let size = BlockHeader.size + header.count * (8 + shape.stride) + DeltaBlock.blockCapacity / 8
        guard let base = block.baseAddress, (1...DeltaBlock.blockCapacity).contains(header.count), block.count == size
        else {
            throw BlockDamage("its size is wrong")
        }
        self.block = block
        count = header.count
        ids = base + BlockHeader.size
        codes = ids + 8 * count
        deleted = UnsafeRawBufferPointer(start: codes + count * shape.stride, count: DeltaBlock.blockCapacity / 8)
        hasDeleted = deleted.contains { $0 != 0 }
        checksum = block.number(at: 0)
    }

    func id(at position: Int) -> UInt64 { ids.number(at: 8 * position) }
    func isDeleted(at position: Int) -> Bool { deleted[position / 8] >> UInt8(position % 8) & 1 == 1 }

    /// The entry of an id that is not deleted.
    func position(of id: UInt64) -> Int? {
        guard self.id(at: 0) <= id, id <= self.id(at: count - 1) else { return nil }
        let position = partition(0, count) { self.id(at: $0) >= id }
        return self.id(at: position) == id && !isDeleted(at: position) ? position : nil
    }

    /// Whether a value is the very block that was verified, provided that the map has not moved since.
    func isStill(_ value: UnsafeRawBufferPointer) -> Bool {
        value.baseAddress == block.baseAddress && value.count == block.count && value.number(at: 0) == checksum
    }
}
