import LMDB

/// When items move from the delta into segments, and segments are merged. Tests set other values than the usual.
package struct FoldSettings: Sendable {
    /// More entries of the delta than this are folded at the end of the commit that brought them.
    package var deltaEntries = DeltaBlock.foldingThreshold
    /// So many segments of a tier are merged; the segments of a tier differ in size by less than this factor.
    package var growth = 4
    /// About how many bytes the work on a merge after a commit writes; a row block and a shard at least.
    package var amount = 12 << 20
    /// A row block holds 2 to this power rows; nil: as the layout says.
    package var rowBlockBits: Int?
    /// A segment has no more rows than this. Some row blocks at least.
    package var maximumRows = SegmentLayout.maximumRows

    package init() {}
}

/// Which segments are to be merged next.
///
/// Segments belong to tiers by their live rows: up to four times what the delta holds, up to four times that, and so on. Four segments of a
/// tier are merged into one of the next. So a store has three segments at most for each factor of four, but for a merge that is under way,
/// and writes an item once for each of these factors.
enum FoldPlan {
    /// The segments to merge, or nil if nothing is due.
    static func due(_ state: StoreState, _ settings: FoldSettings) -> [StoreState.SegmentView]? {
        let tiers = Dictionary(grouping: state.segments) { tier($0, settings) }
        for tier in tiers.keys.sorted() {
            guard let views = tiers[tier], views.count >= settings.growth else { continue }
            if views.reduce(0, { $0 + $1.liveRows }) <= settings.maximumRows { return views }
        }
        return state.segments.first { 4 * $0.descriptor.tombstones > $0.descriptor.rows }.map { [$0] }
    }

    /// The segments to merge, by their numbers, so that all become as few as can hold them: the smallest go together.
    static func whole(_ segments: [StoreState.SegmentView], _ settings: FoldSettings) -> [Set<UInt64>] {
        var groups: [[StoreState.SegmentView]] = []
        var rows = 0
        for view in segments.sorted(by: { $0.liveRows < $1.liveRows }) {
            if groups.isEmpty || rows + view.liveRows > settings.maximumRows {
                groups.append([])
                rows = 0
            }
            groups[groups.count - 1].append(view)
            rows += view.liveRows
        }
        return groups.filter { $0.count > 1 || $0[0].descriptor.tombstones > 0 }
            .map { Set($0.map(\.descriptor.number)) }
    }

    private static func tier(_ view: StoreState.SegmentView, _ settings: FoldSettings) -> Int {
        var tier = 0
        var limit = settings.growth * settings.deltaEntries
        while view.liveRows >= limit {
            limit *= settings.growth
            tier += 1
        }
        return tier
    }
}

extension StoreWriter {
    /// How many bytes of a merge are written before the header says so, where the whole of it is done at once.
    private static let wholeAmount = 1 << 30

    /// Folds the delta if it is full, and does some of the work on the merge that is under way or due. `state` gives the last commit's.
    func tidy(_ state: () throws -> StoreState) throws {
        try foldDelta(ifOver: folding.deltaEntries, state)
        _ = try mergeSome(folding.amount, state)
    }

    /// The same until nothing is due.
    func tidyAll(_ state: () throws -> StoreState) throws {
        try foldDelta(ifOver: folding.deltaEntries, state)
        while try mergeSome(Self.wholeAmount, state) {}
    }

    /// Merges all there is into one segment, or into more where one cannot hold so many rows.
    func foldAll(_ state: () throws -> StoreState) throws {
        if let merge = try state().header.merge { try drop(merge) }
        try foldDelta(ifOver: 0, state)
        for numbers in try FoldPlan.whole(state().segments, folding) {
            let now = try state()
            try begin(now.segments.filter { numbers.contains($0.descriptor.number) }, now, Self.wholeAmount)
            while let record = try state().header.merge { try carryOn(record, try state(), Self.wholeAmount) }
        }
    }

    /// Makes a segment of the delta.
    private func foldDelta(ifOver limit: Int, _ state: () throws -> StoreState) throws {
        let before = try state()
        guard before.delta.count > limit else { return }
        let run = try environment.read { transaction in
            // The state's delta lies in the map of a snapshot that has ended: look it up again.
            try StoreState(
                transaction, databases, path: path, mapGeneration: environment.mapGeneration, previous: before
            ).delta.liveRun(before.header.shape)
        }
        var builder = SegmentBuilder(number: before.header.nextSegment, shape: before.header.shape, writer: self)
        try builder.append(run)
        let new = try builder.finish()
        try changeHeader { header, transaction in
            try transaction.removeAll(in: databases.delta)
            if let new {
                try new.rest.write(to: transaction)
                header.reserve(segment: new.descriptor.number)
                header.segments.append(new.descriptor)
            }
            header.deltaCount = 0
            header.unfinishedSegment = 0
        }
    }

    /// Returns false if there was nothing to do.
    private func mergeSome(_ amount: Int, _ state: () throws -> StoreState) throws -> Bool {
        let now = try state()
        if let record = now.header.merge {
            try carryOn(record, now, amount)
        } else if let sources = FoldPlan.due(now, folding) {
            try begin(sources, now, amount)
        } else {
            return false
        }
        return true
    }
}
