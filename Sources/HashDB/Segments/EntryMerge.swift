import LMDB

/// The live items of several parts of a store as one list in the order of ids.
///
/// It goes in stretches: entries of one part that lie side by side, as long as no other part has an id between. So parts that came one after
/// the other are passed on by whole blocks. Where two parts have an item of the same id, the later part's counts: of segments that are being
/// loaded, the one that was given last.
struct EntryMerge {
    private enum Part {
        case segment(StoreState.SegmentView)
        /// Live entries of the delta from the first wanted on, and where their ids and codes lie in memory of this merge's own.
        case delta(MergedDelta)
    }

    /// Where a part stands: at its next live entry.
    private struct Head {
        var next: Int
        let end: Int
        var id: UInt64 = 0
        /// The block that has the next entry: its rows, and the rows' ids and codes.
        var block = 0..<0
        var rows: RowBlock?

        var hasEntry: Bool { next < end }
    }

    private let parts: [Part]
    private var heads: [Head]

    /// Merges the entries from id `first` on.
    init(
        _ segments: [StoreState.SegmentView], _ delta: StoreState.DeltaView?, shape: CodeShape, from first: UInt64,
        _ transaction: borrowing ReadTransaction
    ) throws {
        var parts = segments.map { Part.segment($0) }
        heads = try segments.map {
            Head(next: try $0.segment.firstRow(atLeast: first, transaction), end: $0.descriptor.rows)
        }
        if let delta, delta.count > 0 {
            let merged = MergedDelta(delta, shape, from: first)
            parts.append(.delta(merged))
            heads.append(Head(next: 0, end: merged.count))
        }
        self.parts = parts
        for i in heads.indices { try settle(i, transaction) }
    }

    /// Calls `body` with ids and the addresses of codes until it returns false.
    mutating func forEach(
        stride: Int, _ transaction: borrowing ReadTransaction, _ body: (UInt64, UnsafeRawPointer) throws -> Bool
    ) throws {
        try forEachStretch(transaction) { stretch in
            for index in 0..<stretch.count {
                guard try body(stretch.id(at: index), stretch.codes + index * stride) else { return false }
            }
            return true
        }
    }

    /// Calls `body` with stretch after stretch until it returns false.
    mutating func forEachStretch(
        _ transaction: borrowing ReadTransaction, _ body: (EntryStretch) throws -> Bool
    ) throws {
        while let least = leastHead() {
            let id = heads[least].id
            for i in heads.indices where i != least && heads[i].hasEntry && heads[i].id == id {
                heads[i].next += 1
                try settle(i, transaction)
            }
            var bound: UInt64?
            for i in heads.indices where i != least && heads[i].hasEntry {
                bound = min(bound ?? .max, heads[i].id)
            }
            guard let rows = heads[least].rows else { return }
            let start = heads[least].next
            let end = endOfStretch(least, rows, before: bound)
            guard try body(rows.stretch(start - heads[least].block.lowerBound, count: end - start)) else { return }
            heads[least].next = end
            try settle(least, transaction)
        }
    }

    /// The head whose id is the least, of several the last; nil when all have ended.
    private func leastHead() -> Int? {
        var least: Int?
        for i in heads.indices where heads[i].hasEntry {
            if least.map({ heads[i].id <= heads[$0].id }) ?? true { least = i }
        }
        return least
    }

    /// Up to which row the entries lie side by side, live, with ids less than `bound`.
    private func endOfStretch(_ index: Int, _ rows: RowBlock, before bound: UInt64?) -> Int {
        let head = heads[index]
        let first = head.block.lowerBound
        var end = head.block.upperBound
        if let bound, rows.id(at: end - 1 - first) >= bound {
            // Near ends are found in few steps.
            var step = 1
            while head.next + step < end, rows.id(at: head.next + step - first) < bound { step *= 2 }
            end = partition(head.next + step / 2 + 1, min(head.next + step, end)) { rows.id(at: $0 - first) >= bound }
        }
        guard case .segment(let view) = parts[index], let deleted = view.deleted else { return end }
        return (head.next + 1..<end).first { deleted[$0] } ?? end
    }

    /// Moves to the next entry that is not deleted, and looks its block and id up.
    private mutating func settle(_ index: Int, _ transaction: borrowing ReadTransaction) throws {
        var head = heads[index]
        switch parts[index] {
        case .segment(let view):
            if let deleted = view.deleted {
                while head.hasEntry, deleted[head.next] { head.next += 1 }
            }
            if head.hasEntry, !head.block.contains(head.next) {
                if !head.block.isEmpty {
                    view.segment.releaseRowBlock(head.block.lowerBound >> view.descriptor.rowBlockBits)
                }
                let block = head.next >> view.descriptor.rowBlockBits
                head.block = view.descriptor.rowRange(ofBlock: block)
                head.rows = try view.segment.rowBlock(block, transaction)
            }
        case .delta(let delta):
            head.block = 0..<delta.count
            head.rows = delta.rows
        }
        if head.hasEntry, let rows = head.rows { head.id = rows.id(at: head.next - head.block.lowerBound) }
        heads[index] = head
    }
}

/// A copy of the live entries of the delta, in the order of ids.
private final class MergedDelta {
    let count: Int
    let rows: RowBlock
    private let memory: UnsafeMutableRawPointer

    init(_ delta: StoreState.DeltaView, _ shape: CodeShape, from first: UInt64) {
        let run = delta.liveRun(shape, from: first)
        count = run.count
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(8, run.codes.count + 8 * run.count), alignment: 8)
        self.memory = memory
        let ids = memory + run.codes.count
        UnsafeMutableRawBufferPointer(start: memory, count: run.codes.count).copyBytes(from: run.codes)
        run.ids.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: ids, count: $0.count).copyMemory(from: $0)
        }
        rows = RowBlock(count: count, codes: memory, ids: ids, stride: shape.stride)
    }

    deinit { memory.deallocate() }
}

extension StoreState.DeltaView {
    /// The live entries of ids from `first` on, in the order of ids.
    func liveRun(_ shape: CodeShape, from first: UInt64 = 0) -> CodeRun {
        var run = CodeRun(shape: shape)
        run.reserve(count)
        for position in 0..<count where deleted?[position] != true && id(at: position) >= first {
            run.append(id(at: position), codeAt: codeAddress(position, shape))
        }
        run.sortKeepingLast()
        return run
    }
}
