import LMDB

/// Makes a segment of items that come in the order of ids.
///
/// Row blocks go out as they fill. The tables are made at the end, from the rows: still in memory if there are few, else read back from the
/// store, once for each group of buckets that fits in memory. So memory does not grow with the segment.
///
/// It can stop at any row block or shard, and another, in another process if need be, goes on from there: see `MergeRecord`.
struct SegmentBuilder {
    /// Rows of up to this many bytes are kept in memory until the tables are made.
    static let keptBytes = 1 << 24

    private let writer: StoreWriter
    private let shape: CodeShape
    private let rowBlockBits: Int
    private(set) var queue: BlockQueue
    /// Rows that fill no block yet; all rows while they are kept.
    private var run: CodeRun
    /// How many rows of `run` are in blocks already: none but while all are kept.
    private var written = 0
    private var isKept = true
    private var firstIDs: [UInt64] = []
    private var lastWrittenID: UInt64?
    /// What the segment is once it has all its rows, and where its tables go on.
    private(set) var whole: MergeRecord?

    init(number: UInt64, shape: CodeShape, writer: StoreWriter) {
        self.writer = writer
        self.shape = shape
        rowBlockBits = writer.folding.rowBlockBits ?? SegmentLayout.rowBlockBits(shape)
        queue = BlockQueue(segment: number, writer: writer)
        run = CodeRun(shape: shape)
    }

    /// Goes on where another has stopped.
    init(resuming record: MergeRecord, shape: CodeShape, writer: StoreWriter) throws {
        self.writer = writer
        self.shape = shape
        rowBlockBits = record.target.rowBlockBits
        queue = BlockQueue(segment: record.target.number, writer: writer)
        run = CodeRun(shape: shape)
        isKept = false
        lastWrittenID = record.target.lastID
        if record.hasAllRows {
            whole = record
        } else {
            let segment = Segment(record.target, shape: shape, databases: writer.databases, path: writer.path)
            firstIDs = try writer.environment.read { try segment.firstIDsOfBlocks($0) }
        }
    }

    /// How many rows a block holds.
    var blockRows: Int { 1 << rowBlockBits }
    /// The last id so far.
    var lastID: UInt64? { run.ids.last ?? lastWrittenID }
    /// Rows so far.
    var rows: Int { writtenRows + run.count - written }
    /// Rows that are in blocks.
    var writtenRows: Int { firstIDs.count << rowBlockBits }

    /// Takes items whose ids ascend, from above those so far.
    mutating func append(_ more: CodeRun) throws {
        try more.forEachStretch(ofLength: blockRows) {
            append($0)
            try flushIfLarge()
        }
    }

    /// Takes entries whose ids are above those so far. Only gathers blocks, so that it may be called within a snapshot.
    mutating func append(_ stretch: EntryStretch) {
        run.append(stretch)
        while run.count - written >= blockRows { writeBlock(blockRows) }
        if isKept, run.codes.count > Self.keptBytes { isKept = false }
        if !isKept, written > 0 {
            run = run[written..<run.count]
            written = 0
        }
    }

    mutating func flushIfLarge() throws { try queue.flushIfLarge() }
    mutating func flush() throws { try queue.flush() }

    private mutating func writeBlock(_ count: Int) {
        let range = written..<written + count
        let block = RowBlock.encode(run, range, segment: queue.segment, index: firstIDs.count)
        queue.add(.rows, firstIDs.count, block)
        firstIDs.append(run.ids[written])
        written += count
        lastWrittenID = run.ids[written - 1]
    }

    // MARK: The end of the rows

    /// Stops before the rows that fill no block.
    ///
    /// - Precondition: there is a block.
    mutating func stop() -> MergeRecord? {
        guard let first = firstIDs.first, let last = lastWrittenID else { return nil }
        queue.add(.fence, 0, fence())
        return MergeRecord(target: descriptor(rows: writtenRows, first, last, isIndexed: false))
    }

    /// Ends the rows. Returns false if there are none.
    ///
    /// - Parameter isIndexed: Whether there will be tables; without, the segment can only be scanned.
    mutating func endRows(isIndexed: Bool = true) -> Bool {
        let rows = self.rows
        let rest = run.count - written
        if rest > 0 { writeBlock(rest) }
        guard let first = firstIDs.first, let last = lastWrittenID else { return false }
        queue.add(.fence, 0, fence())
        whole = MergeRecord(target: descriptor(rows: rows, first, last, isIndexed: isIndexed))
        whole?.hasAllRows = true
        return true
    }

    private func descriptor(rows: Int, _ first: UInt64, _ last: UInt64, isIndexed: Bool) -> SegmentDescriptor {
        var descriptor = SegmentLayout.descriptor(
            number: queue.segment, rows: rows, firstID: first, lastID: last, shape: shape, isIndexed: isIndexed)
        descriptor.rowBlockBits = rowBlockBits
        return descriptor
    }

    private func fence() -> [UInt8] {
        let header = BlockHeader(kind: .fence, count: firstIDs.count, segment: queue.segment, index: 0)
        var bytes = header.bytes
        for id in firstIDs { bytes.append(number: id) }
        return bytes
    }

    // MARK: Tables

    /// Makes shards of the tables of about so many bytes, unless `giveUp` throws, which is asked at each row block that is read. Returns whether
    /// all are made.
    mutating func buildTables(bytes: Int = .max, giveUp: () throws -> Void = {}) throws -> Bool {
        guard var record = whole, record.next.substring < record.target.substrings else { return true }
        var tables = TableBuilder(record.target, shape, from: record.next)
        if isKept {
            try tables.build(bytes: bytes, into: &queue) { body in
                try run.codes.withUnsafeBufferPointer { try body($0.baseAddress.unsafelyUnwrapped, run.count, 0) }
            }
        } else {
            try queue.flush()
            let segment = Segment(record.target, shape: shape, databases: writer.databases, path: writer.path)
            var views = [StoreState.SegmentView(segment: segment, deleted: nil)]
            var generation = writer.environment.mapGeneration
            try tables.build(bytes: bytes, into: &queue) { body in
                try writer.environment.read { transaction in
                    views = writer.upToDate(views, since: &generation)
                    for view in views {
                        try view.segment.forEachRowBlock(transaction) { codes, count, row in
                            try giveUp()
                            try body(codes, count, row)
                        }
                    }
                }
            }
        }
        record.next = tables.next
        record.target.distinct = tables.distinct
        whole = record
        return record.next.substring == record.target.substrings
    }

    /// Ends the segment. Returns nil if it has no rows.
    mutating func finish(isIndexed: Bool = true, giveUp: () throws -> Void = {}) throws -> BuiltSegment? {
        guard endRows(isIndexed: isIndexed), try buildTables(giveUp: giveUp), let whole else { return nil }
        return BuiltSegment(descriptor: whole.target, rest: queue)
    }
}

/// A segment that no reader sees yet.
struct BuiltSegment {
    let descriptor: SegmentDescriptor
    /// Blocks that are not in the store yet.
    var rest: BlockQueue
}

extension Segment {
    /// Calls `body` with the codes of each row block: where they lie, how many, and the first one's row.
    func forEachRowBlock(
        _ transaction: borrowing ReadTransaction, _ body: (UnsafePointer<UInt8>, Int, Int) throws -> Void
    ) throws {
        for index in 0..<descriptor.rowBlocks {
            let block = try rowBlock(index, transaction)
            try body(
                block.codes.assumingMemoryBound(to: UInt8.self), block.count, index << descriptor.rowBlockBits)
            releaseRowBlock(index)
        }
    }
}
