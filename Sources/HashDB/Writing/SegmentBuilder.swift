import CHamming
import LMDB

/// Makes a segment of items that come in the order of ids.
///
/// Row blocks go out as they fill. The tables are made at the end, from the rows: still in memory if there are few, else read back from the
/// store, once for each group of buckets that fits in memory. So memory does not grow with the segment.
struct SegmentBuilder {
    /// Rows of up to this many bytes are kept in memory until the tables are made.
    static let keptBytes = 1 << 24

    private let writer: StoreWriter
    private let shape: CodeShape
    private let rowBlockBits: Int
    private var queue: BlockQueue
    /// Rows that fill no block yet; all rows while they are kept.
    private var run: CodeRun
    /// How many rows of `run` are in blocks already: none but while all are kept.
    private var written = 0
    private var isKept = true
    private var rows = 0
    private var firstIDs: [UInt64] = []
    private(set) var lastID: UInt64?

    init(number: UInt64, shape: CodeShape, writer: StoreWriter) {
        self.writer = writer
        self.shape = shape
        rowBlockBits = SegmentLayout.rowBlockBits(shape)
        queue = BlockQueue(segment: number, writer: writer)
        run = CodeRun(shape: shape)
    }

    /// Takes items whose ids ascend, from above those so far.
    mutating func append(_ more: CodeRun) throws {
        try more.forEachStretch(ofLength: 1 << rowBlockBits) {
            append($0)
            try flushIfLarge()
        }
    }

    mutating func flushIfLarge() throws { try queue.flushIfLarge() }

    /// Takes entries whose ids are above those so far. Only gathers blocks, so that it may be called within a snapshot.
    mutating func append(_ stretch: EntryStretch) {
        rows += stretch.count
        lastID = stretch.lastID
        run.append(stretch)
        let capacity = 1 << rowBlockBits
        while run.count - written >= capacity { writeBlock(capacity) }
        if isKept, run.codes.count > Self.keptBytes { isKept = false }
        if !isKept, written > 0 {
            run = run[written..<run.count]
            written = 0
        }
    }

    private mutating func writeBlock(_ count: Int) {
        let range = written..<written + count
        let block = RowBlock.encode(run, range, segment: queue.segment, index: firstIDs.count)
        queue.add(.rows, firstIDs.count, block)
        firstIDs.append(run.ids[written])
        written += count
    }

    /// Ends the segment. Returns nil if it has no rows.
    ///
    /// - Parameter isIndexed: Whether to make tables; without, the segment can only be scanned.
    mutating func finish(isIndexed: Bool = true) throws -> BuiltSegment? {
        guard rows > 0, let lastID else { return nil }
        if run.count > written { writeBlock(run.count - written) }
        queue.add(.fence, 0, fence())
        var descriptor = SegmentLayout.descriptor(
            number: queue.segment, rows: rows, firstID: firstIDs[0], lastID: lastID, shape: shape, isIndexed: isIndexed)
        if descriptor.substrings > 0 {
            var tables = TableBuilder(descriptor, shape)
            if isKept {
                try tables.build(into: &queue) { body in
                    try run.codes.withUnsafeBufferPointer { try body($0.baseAddress.unsafelyUnwrapped, run.count, 0) }
                }
            } else {
                try queue.flush()
                let segment = Segment(descriptor, shape: shape, databases: writer.databases, path: writer.path)
                try tables.build(into: &queue) { body in
                    try writer.environment.read { transaction in try segment.forEachRowBlock(transaction, body) }
                }
            }
            descriptor.distinct = tables.distinct
        }
        return BuiltSegment(descriptor: descriptor, rest: queue)
    }

    private func fence() -> [UInt8] {
        let header = BlockHeader(kind: .fence, count: firstIDs.count, segment: queue.segment, index: 0)
        var bytes = header.bytes
        for id in firstIDs { bytes.append(number: id) }
        return bytes
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
