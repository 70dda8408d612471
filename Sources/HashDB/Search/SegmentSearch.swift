import CHamming
import LMDB

/// What a search did, for explaining it.
package struct SearchWork: Hashable, Sendable {
    /// Buckets looked into.
    package internal(set) var probes = 0
    /// Codes met in them.
    package internal(set) var candidates = 0
    /// Codes compared one after the other.
    package internal(set) var scanned = 0
}

extension StoreState.SegmentView {
    /// Offers every live code that can matter to the collector.
    func search(
        _ query: UnsafePointer<hamming_query>, plan: QueryPlan, into collector: inout Collector, work: inout SearchWork,
        _ transaction: borrowing ReadTransaction
    ) throws {
        if descriptor.substrings == 0 || plan == .scan {
            try scan(query, into: &collector, work: &work, transaction)
            return
        }
        let planner = Planner(
            segment.costs, rows: descriptor.rows, bitWidth: segment.shape.bitWidth, count: collector.count)
        var own = SearchWork()
        for step in ProbeSequence(descriptor) {
            // All at a distance less than the step's number have been met.
            if collector.limit < step.number { break }
            if plan == .automatic, planner.prefersScan(before: step, limit: collector.limit, work: own) {
                collector.restart()
                try scan(query, into: &collector, work: &work, transaction)
                break
            }
            try probe(step, query, into: &collector, work: &own, transaction)
        }
        work.probes += own.probes
        work.candidates += own.candidates
    }

    private func probe(
        _ step: ProbeSequence.Step, _ query: UnsafePointer<hamming_query>, into collector: inout Collector,
        work: inout SearchWork, _ transaction: borrowing ReadTransaction
    ) throws {
        let flips = segment.flips(radius: step.radius)
        var table = segment.table(step.substring)
        var done = hamming_work()
        var at = 0
        while true {
            at = hamming_probe(
                query, segment.substrings, UInt32(step.substring), UInt32(step.radius), &table, flips.masks, at,
                flips.count,
                deleted?.words, &collector.raw, &done)
            if at == flips.count { break }
            // The kernel stops at a block that nobody has met yet.
            let bucket = segment.bucket(of: query, substring: step.substring) ^ Int(flips.masks[at])
            try segment.meetShard(bucket >> descriptor.shardBits, ofSubstring: step.substring, transaction)
        }
        work.probes += Int(done.probes)
        work.candidates += Int(done.candidates)
    }

    private func scan(
        _ query: UnsafePointer<hamming_query>, into collector: inout Collector, work: inout SearchWork,
        _ transaction: borrowing ReadTransaction
    ) throws {
        for index in 0..<descriptor.rowBlocks {
            let block = try segment.rowBlock(index, transaction)
            let codes = block.codes.assumingMemoryBound(to: UInt8.self)
            hamming_scan(
                query, codes, block.count, UInt32(index << descriptor.rowBlockBits), deleted?.words, &collector.raw)
        }
        work.scanned += descriptor.rows
    }
}

extension StoreState.DeltaView {
    /// The live entries within `limit`; of more than `count` of them (0: any number) at least the nearest by distance and id.
    ///
    /// Positions do not follow ids, so that a collector of the `count` nearest would break ties wrongly: it only finds how far they reach.
    func search(_ query: UnsafePointer<hamming_query>, count: Int, limit: Int, work: inout SearchWork) throws -> [Match]
    {
        var limit = limit
        if (1..<self.count).contains(count) {
            var nearest = Collector(count: count, limit: limit)
            scan(query, into: &nearest, work: &work)
            limit = nearest.limit
        }
        var all = Collector(count: 0, limit: limit)
        scan(query, into: &all, work: &work)
        var found: [Match] = []
        try all.forEach { found.append(Match(id: id(at: $1), distance: $0)) }
        return found
    }

    private func scan(_ query: UnsafePointer<hamming_query>, into collector: inout Collector, work: inout SearchWork) {
        for (index, block) in blocks.enumerated() {
            let codes = block.codes.assumingMemoryBound(to: UInt8.self)
            hamming_scan(
                query, codes, block.count, UInt32(index * DeltaBlock.blockCapacity), deleted?.words, &collector.raw)
        }
        work.scanned += count
    }
}
