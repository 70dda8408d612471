import LMDB

/// All that a snapshot knows before it looks at a code, kept from one snapshot to the next while no commit lies between.
final class StoreState: Sendable {
    /// A segment and its deleted rows.
    struct SegmentView: Sendable {
        let segment: Segment
        let deleted: Bitmap?
        /// The checksums of the blocks that tell what is deleted, by their index.
        var tombstoneChecksums: [Int: UInt64] = [:]
        var descriptor: SegmentDescriptor { segment.descriptor }
        var liveRows: Int { descriptor.rows - descriptor.tombstones }

        /// The id of a row, or nil if it is deleted.
        func liveID(ofRow row: Int, _ transaction: borrowing ReadTransaction) throws -> UInt64? {
            deleted?[row] == true ? nil : try segment.id(ofRow: row, transaction)
        }
    }

    /// The delta's blocks where they lie, and its deleted entries.
    struct DeltaView: @unchecked Sendable {
        let blocks: [DeltaBlockView]
        let deleted: Bitmap?
        let count: Int

        func id(at position: Int) -> UInt64 {
            blocks[position / DeltaBlock.blockCapacity].id(at: position % DeltaBlock.blockCapacity)
        }

        func codeAddress(_ position: Int, _ shape: CodeShape) -> UnsafeRawPointer {
            blocks[position / DeltaBlock.blockCapacity].codes + position % DeltaBlock.blockCapacity * shape.stride
        }

        /// The entry of an id that is not deleted. An id has one at most.
        func position(of id: UInt64) -> Int? {
            for (index, block) in blocks.enumerated() {
                if let position = block.position(of: id) { return index * DeltaBlock.blockCapacity + position }
            }
            return nil
        }
    }

    /// Where an item lies.
    enum Place {
        case delta(position: Int)
        /// An index into `segments`, and a row.
        case segment(Int, row: Int)
    }

    /// LMDB's number of the commit.
    let transactionNumber: Int
    let mapGeneration: Int
    var commit: CommitIdentity { CommitIdentity(transactionNumber: transactionNumber, mapGeneration: mapGeneration) }
    let databases: Databases
    let header: StoreHeader
    /// The largest first: it is the likeliest to hold the nearest codes, which then bound the search of the others.
    let segments: [SegmentView]
    let delta: DeltaView

    init(
        _ transaction: borrowing ReadTransaction, _ databases: Databases, path: String, mapGeneration: Int,
        previous: StoreState?
    ) throws {
        transactionNumber = transaction.number
        self.mapGeneration = mapGeneration
        self.databases = databases
        header = try StoreHeader.read(from: transaction, databases, path: path)
        try Self.checkSizes(header, transaction, databases, path)
        let usable = previous.flatMap { $0.mapGeneration == mapGeneration ? $0 : nil }
        var views: [SegmentView] = []
        for descriptor in header.segments.sorted(by: { $0.rows > $1.rows }) {
            let known = usable?.segments.first { $0.descriptor.number == descriptor.number }
            views.append(try Self.view(descriptor, known, header.shape, transaction, databases, path))
        }
        segments = views
        delta = try Self.delta(header, usable?.delta.blocks ?? [], transaction, databases, path)
    }

    /// Where the item of an id lies; nil if there is none.
    func place(of id: UInt64, _ transaction: borrowing ReadTransaction) throws -> Place? {
        guard let largestID = header.largestID, id <= largestID else { return nil }
        if let position = delta.position(of: id) { return .delta(position: position) }
        for (index, view) in segments.enumerated() {
            if let row = try view.segment.row(ofID: id, transaction), view.deleted?[row] != true {
                return .segment(index, row: row)
            }
        }
        return nil
    }

    // MARK: Reading

    /// Throws unless the file can hold what the header tells, so that memory is taken only for what is there.
    private static func checkSizes(
        _ header: StoreHeader, _ transaction: borrowing ReadTransaction, _ databases: Databases, _ path: String
    ) throws {
        let known = header.segments
        let blocks = known.reduce(0) { $0 + $1.rowBlocks + $1.substrings * $1.shards }
        let codes = known.reduce(0) { $0 + $1.rows * header.shape.stride }
        guard try blocks <= transaction.entryCount(of: databases.segments),
            try codes <= transaction.byteCount(of: databases.segments)
        else {
            throw HashDBError.damaged(path: path, part: "header", reason: "it tells of more than the file has")
        }
    }

    private static func view(
        _ descriptor: SegmentDescriptor, _ known: SegmentView?, _ shape: CodeShape,
        _ transaction: borrowing ReadTransaction,
        _ databases: Databases, _ path: String
    ) throws -> SegmentView {
        if let known, known.descriptor == descriptor { return known }
        let (deleted, checksums) = try TombstoneBlock.deletedRows(
            of: descriptor, known: known, transaction, databases, path: path)
        let segment =
            known.map { Segment(descriptor, sharing: $0.segment) }
            ?? Segment(descriptor, shape: shape, databases: databases, path: path)
        return SegmentView(segment: segment, deleted: deleted, tombstoneChecksums: checksums)
    }

    private static func delta(
        _ header: StoreHeader, _ known: [DeltaBlockView], _ transaction: borrowing ReadTransaction,
        _ databases: Databases, _ path: String
    ) throws -> DeltaView {
        var blocks: [DeltaBlockView] = []
        var count = 0
        while count < header.deltaCount {
            let index = blocks.count
            let block = try DeltaBlock.view(
                index, header.shape, transaction, databases, path, known: index < known.count ? known[index] : nil)
            let expected = min(DeltaBlock.blockCapacity, header.deltaCount - count)
            guard block.count == expected else {
                throw DeltaBlock.damaged(path, index, "\(block.count) entries instead of \(expected)")
            }
            blocks.append(block)
            count += block.count
        }
        let hasDeleted = blocks.contains { $0.hasDeleted }
        let deleted =
            !hasDeleted
            ? nil
            : Bitmap(count: blocks.count * DeltaBlock.blockCapacity) { words in
                for (index, block) in blocks.enumerated() {
                    UnsafeMutableRawPointer(words).advanced(by: index * DeltaBlock.blockCapacity / 8)
                        .copyMemory(
                            from: block.deleted.baseAddress ?? UnsafeRawPointer(words), byteCount: block.deleted.count)
                }
            }
        return DeltaView(blocks: blocks, deleted: deleted, count: count)
    }
}
