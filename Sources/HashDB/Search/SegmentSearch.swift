import CHamming
import LMDB

/// A search of one segment for the rows nearest to a code, or all within a radius.
struct SegmentSearch: ~Copyable {
    private let view: StoreState.SegmentView
    private let request: SearchRequest
    private var selection: RowSelection
    private var planner: Planner?
    /// What it has done so far.
    private(set) var explanation: QueryExplanation.Part
    private var segment: Segment { view.segment }
    private var descriptor: SegmentDescriptor { view.segment.descriptor }
    private var cut: UnsafePointer<hamming_cut> { view.segment.cut.cut }

    init(
        _ view: StoreState.SegmentView, _ request: SearchRequest, _ transaction: borrowing ReadTransaction
    ) throws {
        self.view = view
        self.request = request
        selection = try RowSelection(request.filter, view, transaction)
        let costs = view.segment.costs
        let scan = Double(selection.rows.count) * (request.sharesScan ? costs.sharedCode : costs.scannedCode)
        let planner: Planner? =
            view.descriptor.substrings == 0 || request.plan == .scan || selection.listed != nil
            ? nil
            : Planner(
                view.segment.costs, scan: scan, rows: view.descriptor.rows, bitWidth: view.segment.shape.bitWidth,
                count: Self.wanted(request.count, selection))
        self.planner = planner
        explanation = QueryExplanation.Part(
            segment: view.descriptor.number, rows: view.descriptor.rows, expectedReach: nil, expectedScan: scan / 1000,
            expectedProbing: nil)
    }

    /// Adds to the explanation what the planner expects of a search within `limit`.
    mutating func explainPlan(limit: Int) {
        guard let planner else { return }
        let reach = min(planner.expectedReach, limit)
        explanation.expectedReach = reach
        explanation.expectedProbing = planner.cost(reaching: reach) / 1000
    }

    /// How many codes must be found so that `count` of them may be expected to pass.
    private static func wanted(_ count: Int, _ selection: RowSelection) -> Int {
        selection.share >= 1 || count == 0
            ? count : Int(min(1e9, (Double(count) / max(selection.share, 1e-9)).rounded(.up)))
    }

    /// The `count` nearest rows that may be found (0: all) within `limit`, in order.
    ///
    /// Buckets do not know which of their codes are deleted or filtered out: if too few of what was found may be, more is looked for.
    mutating func rows(limit: Int, _ transaction: borrowing ReadTransaction) throws -> [RowKey] {
        if let listed = selection.listed { return try compare(with: listed, limit: limit, transaction) }
        var wanted = firstWanted
        while true {
            var collector = try Collector(count: wanted, limit: limit, bitWidth: segment.shape.bitWidth)
            if try !probe(into: &collector, transaction) {
                // A scan leaves out what may not be found, unless it has to be asked about.
                if selection.accepts == nil { collector.want(request.count) }
                try scan(into: &collector, transaction)
            }
            if let rows = try settle(&collector, &wanted, transaction) { return rows }
        }
    }

    /// How many codes are to be found at first.
    var firstWanted: Int { Self.wanted(request.count, selection) }

    /// The rows of what was found, in order; nil if more must be found for enough of them, then `wanted`.
    mutating func settle(
        _ collector: inout Collector, _ wanted: inout Int, _ transaction: borrowing ReadTransaction
    ) throws -> [RowKey]? {
        let count = request.count
        let isFull = collector.isFull
        let (rows, rejected) = try selectedRows(of: &collector, transaction)
        if count == 0 || rows.count >= count || rejected == 0 || !isFull {
            return count == 0 ? rows : Array(rows.prefix(count))
        }
        let passed = Double(rows.count) / Double(rows.count + rejected)
        if passed < 1 / 32 { try selection.askAboutAll(view, transaction) }
        wanted = max(4 * wanted, Int(min(1e9, 1.5 * Double(count) / max(passed, 1e-9))))
        return nil
    }

    // MARK: Probing

    /// Looks into buckets until every code that can matter has been met. Returns false when a scan is better, for which the collector is
    /// then ready.
    mutating func probe(into collector: inout Collector, _ transaction: borrowing ReadTransaction) throws -> Bool {
        guard let planner else { return false }
        let firstLimit = collector.limit
        var work = SearchWork()
        defer { explanation.work += work }
        var code = CutCode(request.code, segment.cut)
        try reach(&code, work: &work, transaction)
        if mayEndWithEqualCodes(collector.limit),
            hamming_probe_equal(cut, &code.raw, segment.kernelTables.addresses, &collector.raw) == 1
        {
            (work.steps, work.probes, work.candidates) = (1, 1, collector.hits)
            return true
        }
        let entries = hamming_rank(cut, &code.raw, segment.kernelTables.addresses)
        let load = Double(entries) / Double(descriptor.substrings)
        for step in ProbeSequence(descriptor) {
            // All at a distance less than the step's number have been met.
            if collector.limit < step.number { return true }
            // The steps before are over in microseconds.
            if step.radius > 1 { try Task.checkCancellation() }
            if request.plan == .automatic,
                planner.prefersScan(before: step, limit: collector.limit, load: load, work: work)
            {
                // How near the found codes are bounds the scan, unless they may not be found.
                collector.restart(limit: selection.isWhole ? collector.limit : firstLimit)
                explanation.switchedBeforeStep = step.number
                return false
            }
            try probe(step, &code, into: &collector, work: &work, transaction)
        }
        return true
    }

    /// Has the query's own buckets at hand.
    private func reach(_ code: inout CutCode, work: inout SearchWork, _ transaction: borrowing ReadTransaction) throws {
        while true {
            let missing = Int(hamming_reach(cut, &code.raw, segment.kernelTables.addresses))
            if missing == descriptor.substrings { return }
            work.blocksRead += try segment.meetShard(
                code.value(ofSubstring: missing) >> descriptor.shardBits, ofSubstring: missing, transaction)
        }
    }

    /// Whether looking the query's own code up, which takes one probe, may be all that there is to do.
    private func mayEndWithEqualCodes(_ limit: Int) -> Bool {
        cut.pointee.complete == 1
            && (limit == 0 || request.count == 1 || request.count > 0 && descriptor.distinct < descriptor.rows)
    }

    private func probe(
        _ step: ProbeSequence.Step, _ code: inout CutCode, into collector: inout Collector, work: inout SearchWork,
        _ transaction: borrowing ReadTransaction
    ) throws {
        let substring = code.substring(ofRank: step.rank)
        let flips = segment.cut.flips[step.radius]
        var done = hamming_work()
        var at = 0
        while true {
            at = hamming_probe(
                cut, &code.raw, UInt32(step.radius), segment.kernelTables.addresses + substring, flips.masks, at,
                flips.count, &collector.raw, &done)
            if at == flips.count { break }
            // The kernel stops at a block that nobody has met yet.
            let bucket = code.value(ofSubstring: substring) ^ Int(flips.masks[at])
            work.blocksRead += try segment.meetShard(
                bucket >> descriptor.shardBits, ofSubstring: substring, transaction)
        }
        if cut.pointee.complete == 0 {
            work.lookups += collector.hits - collector.raw.confirmed
            try confirm(substring, step.radius, &code, into: &collector, work: &work, transaction)
        } else if collector.count == 0 {
            work.lookups = collector.hits
        }
        work.steps += 1
        work.probes += Int(done.probes)
        work.candidates += Int(done.candidates)
        work.near += Int(done.near)
    }

    /// Looks at the whole codes of what a table of incomplete entries has let through.
    private func confirm(
        _ substring: Int, _ radius: Int, _ code: inout CutCode, into collector: inout Collector, work: inout SearchWork,
        _ transaction: borrowing ReadTransaction
    ) throws {
        var rows = segment.rowTable
        while true {
            let missing = hamming_confirm(
                cut, request.query, &code.raw, &rows, UInt32(substring), UInt32(radius), &collector.raw)
            if missing == .max { return }
            _ = try segment.rowBlock(Int(missing) >> descriptor.rowBlockBits, transaction)
            work.blocksRead += 1
        }
    }

    // MARK: Scanning

    /// Compares with every row that may be found, but for what is asked about by id.
    private mutating func scan(into collector: inout Collector, _ transaction: borrowing ReadTransaction) throws {
        let rows = selection.rows
        guard !rows.isEmpty else { return }
        let bits = descriptor.rowBlockBits
        for index in rows.lowerBound >> bits...(rows.upperBound - 1) >> bits {
            try Task.checkCancellation()
            try scan(index << bits..<(index + 1) << bits, into: &collector, transaction)
        }
    }

    /// The same with the rows of a range, which lie in one row block. The range may reach beyond the last row.
    mutating func scan(_ range: Range<Int>, into collector: inout Collector, _ transaction: borrowing ReadTransaction)
        throws
    {
        let index = range.lowerBound >> descriptor.rowBlockBits
        let block = try segment.rowBlock(index, transaction)
        let start = index << descriptor.rowBlockBits
        let rows = selection.rows.clamped(to: range)
        let codes = block.codes + (rows.lowerBound - start) * segment.shape.stride
        hamming_scan(
            request.query, codes.assumingMemoryBound(to: UInt8.self), rows.count, UInt32(rows.lowerBound),
            selection.skip?.words, &collector.raw)
        explanation.work.scanned += rows.count
    }

    /// Compares with every row, and hands what is found in one row block after the other to `body`, until that returns false. Returns what
    /// `body` did last.
    mutating func forEachPiece(
        limit: Int, _ transaction: borrowing ReadTransaction, _ body: ([RowKey]) throws -> Bool
    ) throws -> Bool {
        if let listed = selection.listed {
            let found = try compare(with: listed, limit: limit, transaction)
            return try found.isEmpty || body(found)
        }
        guard !selection.rows.isEmpty else { return true }
        let bits = descriptor.rowBlockBits
        for index in selection.rows.lowerBound >> bits...(selection.rows.upperBound - 1) >> bits {
            try Task.checkCancellation()
            var collector = try Collector(count: 0, limit: limit, bitWidth: segment.shape.bitWidth)
            try scan(index << bits..<(index + 1) << bits, into: &collector, transaction)
            let found = try selectedRows(of: &collector, transaction).rows
            guard try found.isEmpty || body(found) else { return false }
        }
        return true
    }

    /// Compares with a few rows.
    private mutating func compare(
        with rows: [Int], limit: Int, _ transaction: borrowing ReadTransaction
    ) throws -> [RowKey] {
        explanation.work.scanned += rows.count
        var keys: [RowKey] = []
        var cancellation = CancellationCheck()
        for row in rows {
            try cancellation.step()
            let address = try segment.codeAddress(ofRow: row, transaction).assumingMemoryBound(to: UInt8.self)
            let distance = hamming_distance(address, request.code, segment.shape.stride)
            if distance <= limit { keys.append(RowKey(distance: distance, row: UInt32(row))) }
        }
        keys.sortByDistance(rows: descriptor.rows)
        return request.count == 0 ? keys : Array(keys.prefix(request.count))
    }

    // MARK: Rows

    private static let askedAhead = 32

    /// The rows of what was found that may be found, in order, and how many may not. Of equal codes, `count` rows (0: all) are enough.
    private func selectedRows(
        of collector: inout Collector, _ transaction: borrowing ReadTransaction
    ) throws -> (rows: [RowKey], rejected: Int) {
        var keys: [RowKey] = []
        keys.reserveCapacity(collector.hits)
        var rejected = 0
        var cancellation = CancellationCheck()
        let hits = try collector.prunedHits()
        for (index, hit) in hits.enumerated() {
            try cancellation.step()
            if index.isMultiple(of: Self.askedAhead), cut.pointee.complete == 1, let first = hits.baseAddress {
                hamming_ask_for_rows(
                    cut, segment.kernelTables.addresses, first + index, min(hits.count - index, Self.askedAhead))
            }
            guard hit.row == .max else {
                if try selection.isWhole || selection.contains(Int(hit.row), view, transaction) {
                    keys.append(RowKey(distance: hit.distance, row: hit.row))
                } else {
                    rejected += 1
                }
                continue
            }
            var taken = 0
            for row in try segment.rows(of: hit, transaction) {
                try cancellation.step()
                guard try selection.isWhole || selection.contains(Int(row), view, transaction) else {
                    rejected += 1
                    continue
                }
                keys.append(RowKey(distance: hit.distance, row: row))
                taken += 1
                if taken == request.count { break }
            }
        }
        keys.sortByDistance(rows: descriptor.rows)
        return (keys, rejected)
    }
}
