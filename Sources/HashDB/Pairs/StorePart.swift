import LMDB

/// A segment or the delta as runs of codes, for comparing them all.
enum StorePart {
    case segment(StoreState.SegmentView)
    case delta(StoreState.DeltaView)

    /// Codes that lie back to back.
    struct Run {
        let codes: UnsafePointer<UInt8>
        let count: Int
        let firstRow: Int
    }

    /// Rows or entries, deleted ones included.
    var rows: Int {
        switch self {
        case .segment(let view): view.descriptor.rows
        case .delta(let delta): delta.count
        }
    }

    var runs: Int {
        switch self {
        case .segment(let view): view.descriptor.rowBlocks
        case .delta(let delta): delta.blocks.count
        }
    }

    func run(_ index: Int, _ transaction: borrowing ReadTransaction) throws -> Run {
        switch self {
        case .segment(let view):
            let block = try view.segment.rowBlock(index, transaction)
            return Run(
                codes: block.codes.assumingMemoryBound(to: UInt8.self), count: block.count,
                firstRow: index << view.descriptor.rowBlockBits)
        case .delta(let delta):
            let block = delta.blocks[index]
            return Run(
                codes: block.codes.assumingMemoryBound(to: UInt8.self), count: block.count,
                firstRow: index * DeltaBlock.blockCapacity)
        }
    }

    /// The id of a row, or nil if it is deleted.
    func liveID(ofRow row: Int, _ transaction: borrowing ReadTransaction) throws -> UInt64? {
        switch self {
        case .segment(let view): try view.liveID(ofRow: row, transaction)
        case .delta(let delta): delta.deleted?[row] == true ? nil : delta.id(at: row)
        }
    }
}
