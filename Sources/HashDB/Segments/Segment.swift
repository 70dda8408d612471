import CHamming
import LMDB

/// A segment as this process sees it: its descriptor, and the addresses of the blocks that have been met.
///
/// Segments never change, and a block is as large as a page at least, so that its address holds for every snapshot that has the segment
/// (`ReadTransaction.value`). A block's checksum and structure are verified when it is first met; nothing after that can lead a kernel
/// out of the block.
final class Segment: Sendable {
    let descriptor: SegmentDescriptor
    let shape: CodeShape
    let costs: SearchCosts
    private let database: Database
    private let path: String
    private let rowBlocks: PointerTable
    private let fence: PointerTable
    private let tables: [PointerTable]
    /// The buckets of each substring for the kernels. Blocks not met yet are null there; `meetShard` brings them.
    let kernelTables: KernelTables
    let cut: SubstringCut

    init(_ descriptor: SegmentDescriptor, shape: CodeShape, databases: Databases, path: String) {
        self.descriptor = descriptor
        self.shape = shape
        costs = SearchCosts(descriptor, shape)
        database = databases.segments
        self.path = path
        rowBlocks = PointerTable(count: descriptor.rowBlocks)
        fence = PointerTable(count: 1)
        tables = (0..<descriptor.substrings).map { _ in PointerTable(count: descriptor.shards) }
        kernelTables = KernelTables(tables, bucketBits: descriptor.shardBits, lines: costs.bucketLines)
        cut = SubstringCut(descriptor, shape)
    }

    /// The same segment after rows of it were deleted: what has been met stays met.
    init(_ descriptor: SegmentDescriptor, sharing other: Segment) {
        self.descriptor = descriptor
        shape = other.shape
        costs = other.costs
        database = other.database
        path = other.path
        rowBlocks = other.rowBlocks
        fence = other.fence
        tables = other.tables
        kernelTables = other.kernelTables
        cut = other.cut
    }

    // MARK: Blocks

    /// A row block, verified.
    func rowBlock(_ index: Int, _ transaction: borrowing some ValueReader & ~Copyable) throws -> RowBlock {
        let rows = descriptor.rows(inBlock: index)
        if let address = rowBlocks[index] { return RowBlock(address, rows: rows, stride: shape.stride) }
        let block = try verified(.rows, index, transaction) { value throws(BlockDamage) in
            try RowBlock.check(value, descriptor, index, shape)
        }
        rowBlocks.set(index, to: block)
        return RowBlock(block, rows: rows, stride: shape.stride)
    }

    /// Takes the memory of a row block that was read in passing from this process; reading it again brings it back. What fits into memory many
    /// times over is left there.
    func releaseRowBlock(_ index: Int) {
        guard descriptor.rows > Self.keptBytes / (8 + shape.stride), let address = rowBlocks[index] else { return }
        Environment.release(address, byteCount: descriptor.rows(inBlock: index) * (8 + shape.stride))
    }

    private static let keptBytes = 1 << 26

    /// The codes by row for the kernels. Blocks not met yet are null there; `rowBlock` brings them.
    var rowTable: hamming_rows {
        hamming_rows(blocks: UnsafePointer(rowBlocks.addresses), row_bits: UInt32(descriptor.rowBlockBits))
    }

    /// Brings the block of a shard, verified, into its table. Returns how many were read: 0 if it was there, else 1.
    @discardableResult
    func meetShard(_ shard: Int, ofSubstring substring: Int, _ transaction: borrowing some ValueReader & ~Copyable)
        throws -> Int
    {
        guard tables[substring][shard] == nil else { return 0 }
        let block = try verified(.table(substring), shard, transaction) { value throws(BlockDamage) in
            try BucketBlock.check(value, descriptor, substring, shard, shape)
        }
        tables[substring].set(shard, to: block)
        return 1
    }

    /// The block of a shard, verified.
    func bucketBlock(
        _ shard: Int, ofSubstring substring: Int, _ transaction: borrowing some ValueReader & ~Copyable
    ) throws -> BucketBlock {
        try meetShard(shard, ofSubstring: substring, transaction)
        guard let address = tables[substring][shard] else { throw damaged(.table(substring), shard, "it is missing") }
        return BucketBlock(
            address, shardBits: descriptor.shardBits, entryBytes: descriptor.entryBytes(shape))
    }

    private func verified(
        _ part: BlockKey.Part, _ index: Int, _ transaction: borrowing some ValueReader & ~Copyable,
        _ check: (UnsafeRawBufferPointer) throws(BlockDamage) -> Void
    ) throws -> UnsafePointer<UInt8> {
        let key = BlockKey(segment: descriptor.number, part: part, index: index)
        guard let value = try key.withBytes({ try transaction.value(of: $0, in: database) }),
            let base = value.baseAddress
        else {
            throw damaged(part, index, "it is missing")
        }
        do { try check(value) } catch { throw damaged(part, index, error.reason) }
        return base.assumingMemoryBound(to: UInt8.self)
    }

    private func damaged(_ part: BlockKey.Part, _ index: Int, _ reason: String) -> HashDBError {
        .damaged(path: path, part: "segment \(descriptor.number), \(part), block \(index)", reason: reason)
    }

    // MARK: Rows

    /// The rows that have a code, ascending. Only where the cut is complete, and for a code that a bucket of another substring has.
    func rows(
        ofCode code: UnsafePointer<UInt8>, _ transaction: borrowing some ValueReader & ~Copyable
    ) throws -> BucketBlock.RowList {
        let table = kernelTables.addresses
        if let rows = BucketBlock.RowList(hamming_rows_of_code(cut.cut, table, code)) { return rows }
        // Nobody has met the block yet, unless it lacks the code.
        let shard = Int(hamming_substring(code, 0, UInt32(descriptor.substringBits))) >> descriptor.shardBits
        try meetShard(shard, ofSubstring: 0, transaction)
        guard let rows = BucketBlock.RowList(hamming_rows_of_code(cut.cut, table, code)) else {
            throw damaged(.table(0), shard, "it lacks a code that another substring has")
        }
        return rows
    }

    /// The rows of a hit of a table.
    func rows(
        of hit: hamming_hit, _ transaction: borrowing some ValueReader & ~Copyable
    ) throws -> BucketBlock.RowList {
        var hit = hit
        if let rows = BucketBlock.RowList(hamming_rows_of_hit(cut.cut, kernelTables.addresses, &hit)) { return rows }
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { code in
            let address = code.baseAddress.unsafelyUnwrapped
            hamming_restore_hit(cut.cut, &hit, address)
            return try rows(ofCode: address, transaction)
        }
    }

    /// The rows of an entry of a bucket, ascending. Where the block has none, they are looked up in the first substring's table.
    func rows(
        ofEntry position: Int, in block: BucketBlock, _ substring: Int, _ value: Int,
        _ transaction: borrowing some ValueReader & ~Copyable
    ) throws -> BucketBlock.RowList {
        guard substring > 0, descriptor.isComplete(shape) else { return block.rows(at: position) }
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { code in
            let address = code.baseAddress.unsafelyUnwrapped
            hamming_restore(cut.cut, UInt32(substring), UInt32(value), block.entry(at: position), address)
            return try rows(ofCode: address, transaction)
        }
    }

    /// The id of a row.
    func id(ofRow row: Int, _ transaction: borrowing some ValueReader & ~Copyable) throws -> UInt64 {
        if descriptor.hasConsecutiveIDs { return descriptor.firstID + UInt64(row) }
        return try rowBlock(row >> descriptor.rowBlockBits, transaction).id(
            at: row & (1 << descriptor.rowBlockBits - 1))
    }

    /// The code of a row.
    func code(ofRow row: Int, _ transaction: borrowing some ValueReader & ~Copyable) throws -> BinaryCode {
        try shape.code(at: codeAddress(ofRow: row, transaction))
    }

    /// Where the code of a row lies.
    func codeAddress(ofRow row: Int, _ transaction: borrowing some ValueReader & ~Copyable) throws -> UnsafeRawPointer {
        let block = try rowBlock(row >> descriptor.rowBlockBits, transaction)
        return block.codes + (row & (1 << descriptor.rowBlockBits - 1)) * shape.stride
    }

    /// The first row whose id is at least `id`; the number of rows if there is none.
    func firstRow(atLeast id: UInt64, _ transaction: borrowing some ValueReader & ~Copyable) throws -> Int {
        if id <= descriptor.firstID { return 0 }
        if id > descriptor.lastID { return descriptor.rows }
        if descriptor.hasConsecutiveIDs { return Int(id - descriptor.firstID) }
        let firstIDs = try fenceAddress(transaction)
        let block = partition(0, descriptor.rowBlocks) { firstIDs.number(at: 8 * $0, as: UInt64.self) > id } - 1
        let rows = try rowBlock(block, transaction)
        return block << descriptor.rowBlockBits + partition(0, rows.count) { rows.id(at: $0) >= id }
    }

    /// The row of an id, deleted or not; nil if the segment has none.
    func row(ofID id: UInt64, _ transaction: borrowing some ValueReader & ~Copyable) throws -> Int? {
        guard descriptor.firstID <= id, id <= descriptor.lastID else { return nil }
        let row = try firstRow(atLeast: id, transaction)
        guard row < descriptor.rows else { return nil }
        return try self.id(ofRow: row, transaction) == id ? row : nil
    }

    /// The first id of every row block of a merge's target.
    ///
    /// A writer that was killed may have left the fence of more blocks than the header knows of: it begins with these.
    func firstIDsOfBlocks(_ transaction: borrowing some ValueReader & ~Copyable) throws -> [UInt64] {
        let address = try fenceAddress(transaction, mayBeLonger: true)
        return (0..<descriptor.rowBlocks).map { address.number(at: 8 * $0) }
    }

    /// The first ids of the row blocks, 8 bytes each.
    private func fenceAddress(
        _ transaction: borrowing some ValueReader & ~Copyable, mayBeLonger: Bool = false
    ) throws -> UnsafeRawPointer {
        if let address = fence[0] { return UnsafeRawPointer(address) + BlockHeader.size }
        let block = try verified(.fence, 0, transaction) { value throws(BlockDamage) in
            let header = try BlockHeader.check(value, kind: .fence, segment: descriptor.number, index: 0)
            let blocks = descriptor.rowBlocks
            guard header.count == blocks || mayBeLonger && header.count > blocks,
                value.count >= BlockHeader.size + 8 * header.count,
                value.number(at: BlockHeader.size) == descriptor.firstID
            else { throw BlockDamage("it does not fit the segment") }
        }
        fence.set(0, to: block)
        return UnsafeRawPointer(block) + BlockHeader.size
    }
}
