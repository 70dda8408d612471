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
    mutating func delete(at position: Int) { deleted[bit: position] = true }

    /// The entries that are not deleted.
    var live: CodeRun { deleted.allSatisfy { $0 == 0 } ? run : run.filter { !isDeleted(at: $0) } }

    private func isDeleted(at position: Int) -> Bool { deleted[bit: position] }

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
