import LMDB

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
    func isDeleted(at position: Int) -> Bool { deleted[bit: position] }

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

extension DeltaBlock {
    /// A block of the delta, verified, or `known` from an earlier snapshot if it is still the same.
    static func view(
        _ index: Int, _ shape: CodeShape, _ transaction: borrowing some ValueReader & ~Copyable, _ databases: Databases,
        _ path: String, known: DeltaBlockView? = nil
    ) throws -> DeltaBlockView {
        guard let value = try withKey(UInt64(index), { try transaction.value(of: $0, in: databases.delta) }) else {
            throw damaged(path, index, "it is missing")
        }
        if let known, known.isStill(value) { return known }
        do { return try DeltaBlockView(value, index: index, shape: shape) } catch {
            throw damaged(path, index, error.reason)
        }
    }

    static func damaged(_ path: String, _ index: Int, _ reason: String) -> HashDBError {
        .damaged(path: path, part: "delta, block \(index)", reason: reason)
    }
}
