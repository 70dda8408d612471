import LMDB

/// Blocks of a segment on their way into the store, gathered so that a commit is worth its while and needs bounded memory.
struct BlockQueue {
    let segment: UInt64
    private let writer: StoreWriter
    /// Blocks are filled up with zeros to this size, so that LMDB gives each pages of its own.
    private let minimumBlockBytes: Int
    private var blocks: [(key: BlockKey, bytes: [UInt8])] = []
    private var size = 0
    static let maximumBytes = 1 << 25

    init(segment: UInt64, writer: StoreWriter) {
        self.segment = segment
        self.writer = writer
        minimumBlockBytes = writer.environment.pageSize - 16
    }

    /// Takes a block whose checksum is still to be set.
    mutating func add(_ part: BlockKey.Part, _ index: Int, _ bytes: consuming [UInt8]) {
        if bytes.count < minimumBlockBytes {
            bytes.append(contentsOf: repeatElement(0, count: minimumBlockBytes - bytes.count))
        }
        BlockHeader.seal(&bytes)
        size += bytes.count
        blocks.append((BlockKey(segment: segment, part: part, index: index), bytes))
    }

    /// Commits what has been gathered if it is much. Not within a snapshot: what the commit needs may be what the snapshot holds.
    mutating func flushIfLarge() throws {
        if size >= Self.maximumBytes { try flush() }
    }

    /// Commits what has been gathered, as part of a segment that no reader sees.
    mutating func flush() throws {
        guard !blocks.isEmpty else { return }
        try writer.changeHeader { header, transaction in
            header.reserve(segment: segment)
            try write(to: transaction)
        }
        blocks = []
        size = 0
    }

    /// Writes what has been gathered in a transaction of the caller's.
    func write(to transaction: borrowing WriteTransaction) throws {
        for block in blocks {
            try block.key.withBytes { key in
                try block.bytes.withUnsafeBytes { try transaction.set(key, to: $0, in: writer.databases.segments) }
            }
        }
    }
}

extension StoreHeader {
    /// Notes that blocks of a new segment may be in the store before it is listed: if the writer dies, the next one removes them.
    mutating func reserve(segment: UInt64) {
        if unfinishedSegment == 0 { unfinishedSegment = segment }
        nextSegment = max(nextSegment, segment + 1)
    }
}
