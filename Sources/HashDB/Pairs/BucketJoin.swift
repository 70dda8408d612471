import CHamming
import LMDB

/// The pairs of near codes within a segment, or of two segments that are cut alike, bucket by bucket.
///
/// The steps are those of a search (`ProbeSequence`) for all codes at once: a step compares every bucket of one substring with the buckets at
/// one radius from it, and drops the pairs that an earlier step has met.
struct BucketJoin {
    private let left: StoreState.SegmentView
    private let right: StoreState.SegmentView
    private let isOne: Bool
    private let limit: Int
    private let order: [Int]
    private let ranks: [UInt32]
    private var descriptor: SegmentDescriptor { left.descriptor }
    private var cut: UnsafePointer<hamming_cut> { left.segment.cut.cut }
    private var isComplete: Bool { cut.pointee.complete == 1 }

    /// - Parameter other: The other segment, cut alike; nil for pairs within the first.
    /// - Returns: nil if comparing all codes costs less.
    init?(
        _ view: StoreState.SegmentView, _ other: StoreState.SegmentView?, _ limit: Int, _ plan: QueryPlan,
        _ transaction: borrowing ReadTransaction
    ) throws {
        left = view
        right = other ?? view
        isOne = other == nil
        self.limit = limit
        let descriptor = view.descriptor
        var sizes: [(left: [Double], right: [Double])] = []
        for substring in 0..<descriptor.substrings {
            let ours = try view.segment.bucketSizes(ofSubstring: substring, transaction)
            let theirs = isOne ? ours : try right.segment.bucketSizes(ofSubstring: substring, transaction)
            sizes.append((ours, theirs))
        }
        let lastStep = min(limit, descriptor.substrings * (descriptor.substringBits + 1) - 1)
        let joining = BucketJoinPlan(
            isOne: isOne, substringBits: descriptor.substringBits,
            entryBytes: Int(view.segment.cut.cut.pointee.entry_bytes), lastStep: lastStep, sizes: sizes)
        let pairs = Double(view.descriptor.rows) * Double(right.descriptor.rows) * (isOne ? 0.5 : 1)
        let comparing = pairs * BlockJoin.cost(ofComparing: view.segment.shape.stride)
        guard plan == .probe || joining.cost < comparing else { return nil }
        order = joining.order
        var ranks = [UInt32](repeating: 0, count: order.count)
        for (rank, substring) in order.enumerated() { ranks[substring] = UInt32(rank) }
        self.ranks = ranks
    }

    /// Returns false if `body` did.
    func run(_ transaction: borrowing ReadTransaction, _ body: (MatchedPair) throws -> Bool) throws -> Bool {
        if isOne, isComplete, try !forEachPairOfEqualCodes(transaction, body) { return false }
        for step in ProbeSequence(descriptor) {
            if step.number > limit { break }
            guard try join(order[step.rank], step.radius, transaction, body) else { return false }
        }
        return true
    }

    private func join(
        _ substring: Int, _ radius: Int, _ transaction: borrowing ReadTransaction,
        _ body: (MatchedPair) throws -> Bool
    ) throws -> Bool {
        let flips = left.segment.cut.flips[radius]
        let tables = (left.segment.kernelTables.addresses + substring, right.segment.kernelTables.addresses + substring)
        var leftRows = EntryRows(left.segment, substring: substring)
        var rightRows = EntryRows(right.segment, substring: substring)
        var cancellation = CancellationCheck()
        return try withPairBuffer { buffer in
            for bucket in 0..<1 << descriptor.substringBits {
                if bucket.isMultiple(of: 64) { try Task.checkCancellation() }
                let goesOn = try forEachBatchOfPairs(in: buffer) { join in
                    hamming_join_buckets(
                        cut, ranks, UInt32(radius), UInt32(limit), tables.0, UInt32(bucket), tables.1, flips.masks,
                        flips.count, &join) == 1
                } _: { pairs in
                    for pair in pairs {
                        let a = try leftRows.rows(ofEntry: Int(pair.left), inBucket: bucket, transaction)
                        let b = try rightRows.rows(ofEntry: Int(pair.right), inBucket: Int(pair.bucket), transaction)
                        let found = (a, b, substring, radius, Int(pair.distance))
                        guard try forEachPair(of: found, &cancellation, transaction, body) else { return false }
                    }
                    return true
                }
                guard goesOn else { return false }
            }
            return true
        }
    }

    /// The pairs of a row of one list and a row of the other.
    private func forEachPair(
        of found: (a: BucketBlock.RowList, b: BucketBlock.RowList, substring: Int, radius: Int, distance: Int),
        _ cancellation: inout CancellationCheck, _ transaction: borrowing ReadTransaction,
        _ body: (MatchedPair) throws -> Bool
    ) throws -> Bool {
        for a in found.a {
            try cancellation.step()
            guard let id = try left.liveID(ofRow: Int(a), transaction) else { continue }
            for b in found.b {
                try cancellation.step()
                guard let other = try right.liveID(ofRow: Int(b), transaction) else { continue }
                var distance = found.distance
                if !isComplete {
                    let confirmed = hamming_join_confirm(
                        cut, ranks, UInt32(found.substring), UInt32(found.radius), UInt32(limit),
                        try left.segment.codeAddress(ofRow: Int(a), transaction).assumingMemoryBound(to: UInt8.self),
                        try right.segment.codeAddress(ofRow: Int(b), transaction).assumingMemoryBound(to: UInt8.self))
                    guard confirmed != noPair else { continue }
                    distance = Int(confirmed)
                }
                guard try body(MatchedPair(id, other, distance: distance)) else { return false }
            }
        }
        return true
    }

    /// Equal codes are one entry: their rows make pairs among themselves.
    private func forEachPairOfEqualCodes(
        _ transaction: borrowing ReadTransaction, _ body: (MatchedPair) throws -> Bool
    ) throws -> Bool {
        guard descriptor.distinct < descriptor.rows else { return true }
        var cancellation = CancellationCheck()
        for shard in 0..<descriptor.shards {
            let block = try left.segment.bucketBlock(shard, ofSubstring: 0, transaction)
            for position in 0..<block.count {
                let rows = block.rows(at: position)
                for i in 0..<rows.count {
                    try cancellation.step()
                    guard let id = try left.liveID(ofRow: Int(rows[i]), transaction) else { continue }
                    for j in i + 1..<rows.count {
                        try cancellation.step()
                        guard let other = try left.liveID(ofRow: Int(rows[j]), transaction) else { continue }
                        guard try body(MatchedPair(id, other, distance: 0)) else { return false }
                    }
                }
            }
        }
        return true
    }
}

private let noPair = UInt32.max

extension Segment {
    /// Whether both segments' tables belong to the same substrings.
    func hasSameCut(as other: Segment) -> Bool {
        descriptor.substrings == other.descriptor.substrings
            && descriptor.substringBits == other.descriptor.substringBits
    }

    /// The numbers of entries in all buckets of a substring, whose blocks are then at hand.
    fileprivate func bucketSizes(ofSubstring substring: Int, _ transaction: borrowing ReadTransaction) throws
        -> [Double]
    {
        var sizes: [Double] = []
        sizes.reserveCapacity(1 << descriptor.substringBits)
        for shard in 0..<descriptor.shards {
            try Task.checkCancellation()
            let block = try bucketBlock(shard, ofSubstring: substring, transaction)
            for bucket in 0..<1 << descriptor.shardBits {
                sizes.append(Double(block.positions(ofBucket: bucket).count))
            }
        }
        return sizes
    }
}
