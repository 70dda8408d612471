import LMDB

/// Which rows of a segment a search may find: those that are not deleted and that a filter lets through.
struct RowSelection {
    /// No others.
    private(set) var rows: Range<Int>
    /// Rows that may not be found.
    private(set) var skip: Bitmap?
    /// Asked about the ids of the others.
    private(set) var accepts: ((UInt64) -> Bool)?
    /// The only rows, where they are so few that comparing with each is the best plan.
    private(set) var listed: [Int]?
    /// About what share of the segment's rows can be found.
    private(set) var share: Double

    init(
        _ filter: ItemFilter, _ view: StoreState.SegmentView, _ transaction: borrowing some ValueReader & ~Copyable
    ) throws {
        let count = view.descriptor.rows
        rows = 0..<count
        skip = view.deleted
        share = Double(view.liveRows) / Double(count)
        switch filter.kind {
        case .all: break
        case .range(let range):
            rows = try Self.rows(in: range, of: view, transaction)
            share *= Double(rows.count) / Double(count)
        case .ids(let ids) where 8 * ids.count > count:
            // Most of what a search meets passes: ask about it rather than look every id up.
            share *= min(1, Double(ids.count) / Double(count))
            accepts = filter.contains
        case .ids(let ids):
            let found = try Self.rows(of: ids, in: view, transaction)
            share = Double(found.count) / Double(count)
            // To fetch a code costs as much as to scan many.
            let costs = view.segment.costs
            if Double(found.count) * max(costs.lookup, 20) < 0.5 * Double(count) * costs.scannedCode || found.count < 64
            {
                listed = found
            } else {
                skip = Bitmap(count: count) { words in
                    for i in 0..<(count + 63) / 64 { words[i] = .max }
                    for row in found { words[bit: row] = false }
                }
            }
        case .excluding(let ids):
            share *= max(0, 1 - Double(ids.count) / Double(count))
            if 64 * ids.count < count { accepts = filter.contains } else { try skipRows(of: ids, view, transaction) }
        case .outside(let range):
            let excluded = try Self.rows(in: range, of: view, transaction)
            share *= 1 - Double(excluded.count) / Double(count)
            if excluded.isEmpty { break }
            if excluded.lowerBound == 0 {
                rows = excluded.upperBound..<count
            } else if excluded.upperBound == count {
                rows = 0..<excluded.lowerBound
            } else if 64 * excluded.count < count {
                accepts = filter.contains
            } else {
                skipDeleted(of: view) { $0.setBits(excluded) }
            }
        case .matching: accepts = filter.contains
        }
    }

    private mutating func skipRows(
        of ids: [UInt64], _ view: StoreState.SegmentView, _ transaction: borrowing some ValueReader & ~Copyable
    ) throws {
        let excluded = try Self.rows(of: ids, in: view, transaction)
        skipDeleted(of: view) { words in
            for row in excluded { words[bit: row] = true }
        }
    }

    /// Skips what is deleted, and the rows whose bits `mark` sets.
    private mutating func skipDeleted(
        of view: StoreState.SegmentView, and mark: (UnsafeMutablePointer<UInt64>) -> Void
    ) {
        let deleted = view.deleted
        skip = Bitmap(count: view.descriptor.rows) { words in
            if let deleted { words.update(from: deleted.words, count: (deleted.count + 63) / 64) }
            mark(words)
        }
    }

    /// The rows of the ids of a range, deleted ones among them.
    private static func rows(
        in range: ClosedRange<UInt64>, of view: StoreState.SegmentView,
        _ transaction: borrowing some ValueReader & ~Copyable
    ) throws -> Range<Int> {
        let first = try view.segment.firstRow(atLeast: range.lowerBound, transaction)
        let end =
            range.upperBound == .max
            ? view.descriptor.rows : try view.segment.firstRow(atLeast: range.upperBound + 1, transaction)
        return first..<max(first, end)
    }

    /// The live rows of ids, ascending.
    private static func rows(
        of ids: [UInt64], in view: StoreState.SegmentView, _ transaction: borrowing some ValueReader & ~Copyable
    ) throws -> [Int] {
        let first = partition(0, ids.count) { ids[$0] >= view.descriptor.firstID }
        let end = partition(first, ids.count) { ids[$0] > view.descriptor.lastID }
        var cancellation = CancellationCheck()
        return try ids[first..<end].compactMap { id in
            try cancellation.step()
            guard let row = try view.segment.row(ofID: id, transaction), view.deleted?[row] != true else { return nil }
            return row
        }
    }

    /// Whether every row may be found.
    var isWhole: Bool { skip == nil && accepts == nil && share == 1 }

    /// Whether a row may be found.
    func contains(
        _ row: Int, _ view: StoreState.SegmentView, _ transaction: borrowing some ValueReader & ~Copyable
    ) throws -> Bool {
        guard rows.contains(row), skip?[row] != true else { return false }
        guard let accepts else { return true }
        return accepts(try view.segment.id(ofRow: row, transaction))
    }

    /// Asks about every id now, so that a scan need not be repeated until enough of what it found may be found.
    mutating func askAboutAll(
        _ view: StoreState.SegmentView, _ transaction: borrowing some ValueReader & ~Copyable
    ) throws {
        guard let accepts else { return }
        let deleted = skip
        let (rows, first) = (rows, view.descriptor.firstID)
        let isConsecutive = view.descriptor.hasConsecutiveIDs
        var found = 0
        var cancellation = CancellationCheck()
        skip = try Bitmap(count: view.descriptor.rows) { words in
            for row in rows {
                try cancellation.step()
                let id = isConsecutive ? first + UInt64(row) : try view.segment.id(ofRow: row, transaction)
                if deleted?[row] != true, accepts(id) {
                    found += 1
                } else {
                    words[bit: row] = true
                }
            }
        }
        self.accepts = nil
        share = Double(found) / Double(view.descriptor.rows)
    }
}
