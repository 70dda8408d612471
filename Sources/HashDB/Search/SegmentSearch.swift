import CHamming
import LMDB

/// A search of one segment for the rows nearest to a code, or all within a radius.
struct SegmentSearch: ~Copyable {
    private let view: StoreState.SegmentView
    private let query: UnsafePointer<hamming_query>
    private let plan: QueryPlan
    private(set) var work = SearchWork()
    private var segment: Segment { view.segment }
    private var descriptor: SegmentDescriptor { view.segment.descriptor }

    init(_ view: StoreState.SegmentView, _ query: UnsafePointer<hamming_query>, plan: QueryPlan) {
        self.view = view
        self.query = query
        self.plan = plan
    }

    /// The `count` nearest live rows (0: all) within `limit`, in order.
    ///
    /// Buckets do not know which of their codes are deleted: if too few of those that were found live, more are looked for.
    mutating func rows(count: Int, limit: Int, _ transaction: borrowing ReadTransaction) throws -> [RowKey] {
        var wanted = count
        while true {
            var collector = Collector(count: wanted, limit: limit, bitWidth: segment.shape.bitWidth)
            try collect(into: &collector, transaction)
            let (rows, dead) = try liveRows(of: &collector, atMost: count, transaction)
            if count == 0 || rows.count >= count || dead == 0 || !collector.isFull {
                return count == 0 ? rows : Array(rows.prefix(count))
            }
            wanted = max(2 * wanted, wanted + dead)
        }
    }

    /// Offers every code that can matter to the collector.
    private mutating func collect(into collector: inout Collector, _ transaction: borrowing ReadTransaction) throws {
        if descriptor.substrings == 0 || plan == .scan { return try scan(into: &collector, transaction) }
        let planner = Planner(
            segment.costs, rows: descriptor.rows, scanned: descriptor.rows, bitWidth: segment.shape.bitWidth,
            count: collector.count)
        let code = UnsafeRawPointer(query).advanced(by: codeOffset).assumingMemoryBound(to: UInt8.self)
        var own = SearchWork()
        defer { work += own }
        let firstLimit = collector.limit
        var cutCode = CutCode(code, segment.cut)
        for substring in 0..<descriptor.substrings {
            own.blocksRead += try segment.meetShard(
                cutCode.value(ofSubstring: substring) >> descriptor.shardBits, ofSubstring: substring, transaction)
        }
        let nearest = hamming_rank(segment.cut.cut, &cutCode.raw, segment.kernelTables.addresses)
        let load = Double(nearest) / Double(descriptor.substrings)
        for step in ProbeSequence(descriptor) {
            // All at a distance less than the step's number have been met.
            if collector.limit < step.number { return }
            if plan == .automatic,
                planner.prefersScan(before: step, limit: collector.limit, load: load, work: own)
            {
                // How near the found codes are bounds the scan, unless they may be deleted.
                collector.restart(limit: view.deleted == nil ? collector.limit : firstLimit)
                return try scan(into: &collector, transaction)
            }
            try probe(
                cutCode.substring(ofRank: step.rank), step.radius, &cutCode, into: &collector, work: &own, transaction)
        }
    }

    private func probe(
        _ substring: Int, _ radius: Int, _ cutCode: inout CutCode, into collector: inout Collector,
        work: inout SearchWork, _ transaction: borrowing ReadTransaction
    ) throws {
        let flips = segment.cut.flips[radius]
        var done = hamming_work()
        var at = 0
        while true {
            at = hamming_probe(
                segment.cut.cut, &cutCode.raw, UInt32(radius), segment.kernelTables.addresses + substring, flips.masks,
                at,
                flips.count, &collector.raw, &done)
            if at == flips.count { break }
            // The kernel stops at a block that nobody has met yet.
            let bucket = cutCode.value(ofSubstring: substring) ^ Int(flips.masks[at])
            work.blocksRead += try segment.meetShard(
                bucket >> descriptor.shardBits, ofSubstring: substring, transaction)
        }
        if segment.cut.cut.pointee.complete == 0 {
            work.lookups += collector.hits - collector.raw.confirmed
            try confirm(substring, radius, &cutCode, into: &collector, work: &work, transaction)
        } else if collector.count == 0 {
            work.lookups = collector.hits
        }
        work.steps += 1
        work.probes += Int(done.probes)
        work.candidates += Int(done.candidates)
    }

    /// Looks at the whole codes of what a table of incomplete entries has let through.
    private func confirm(
        _ substring: Int, _ radius: Int, _ cutCode: inout CutCode, into collector: inout Collector,
        work: inout SearchWork, _ transaction: borrowing ReadTransaction
    ) throws {
        var rows = segment.rowTable
        while true {
            let missing = hamming_confirm(
                segment.cut.cut, query, &cutCode.raw, &rows, UInt32(substring), UInt32(radius), &collector.raw)
            if missing == hammingAnyRow { return }
            _ = try segment.rowBlock(Int(missing) >> descriptor.rowBlockBits, transaction)
            work.blocksRead += 1
        }
    }

    private mutating func scan(into collector: inout Collector, _ transaction: borrowing ReadTransaction) throws {
        for index in 0..<descriptor.rowBlocks {
            let block = try segment.rowBlock(index, transaction)
            hamming_scan(
                query, block.codes.assumingMemoryBound(to: UInt8.self), block.count,
                UInt32(index << descriptor.rowBlockBits), view.deleted?.words, &collector.raw)
        }
        work.scanned += descriptor.rows
    }

    /// The live rows of what was found, in order, and how many are deleted. Of equal codes, `count` rows (0: all) are enough.
    private func liveRows(
        of collector: inout Collector, atMost count: Int, _ transaction: borrowing ReadTransaction
    ) throws -> (rows: [RowKey], dead: Int) {
        var keys: [RowKey] = []
        keys.reserveCapacity(collector.hits)
        var dead = 0
        try collector.forEachHit { hit in
            let distance = hit.pointee.distance
            if hit.pointee.row != hammingAnyRow {
                if view.deleted?[Int(hit.pointee.row)] == true {
                    dead += 1
                } else {
                    keys.append(RowKey(distance: distance, row: hit.pointee.row))
                }
                return
            }
            let code = UnsafeRawPointer(hit).assumingMemoryBound(to: UInt8.self)
            var taken = 0
            for row in try segment.rows(ofCode: code, transaction) {
                if view.deleted?[Int(row)] == true {
                    dead += 1
                    continue
                }
                keys.append(RowKey(distance: distance, row: row))
                taken += 1
                if taken == count { break }
            }
        }
        keys.sortByDistance(bitWidth: segment.shape.bitWidth)
        return (keys, dead)
    }
}

private let codeOffset = MemoryLayout<hamming_query>.offset(of: \.code) ?? 8
private let hammingAnyRow = UInt32.max
