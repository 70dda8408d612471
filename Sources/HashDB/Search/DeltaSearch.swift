import CHamming

extension StoreState.DeltaView {
    /// The live entries within `limit`; of more than `count` of them (0: any number) at least the nearest by distance and id.
    ///
    /// Positions do not follow ids, so that a collector of the `count` nearest would break ties wrongly: it only finds how far they reach.
    func search(_ query: UnsafePointer<hamming_query>, count: Int, limit: Int, bitWidth: Int, work: inout SearchWork)
        throws -> [Match]
    {
        var limit = limit
        if (1..<self.count).contains(count) {
            var nearest = Collector(count: count, limit: limit, bitWidth: bitWidth)
            scan(query, into: &nearest, work: &work)
            limit = nearest.limit
        }
        var all = Collector(count: 0, limit: limit, bitWidth: bitWidth)
        scan(query, into: &all, work: &work)
        var found: [Match] = []
        try all.forEachHit {
            found.append(Match(id: id(at: Int($0.pointee.row)), distance: Int($0.pointee.distance)))
        }
        return found.sorted()
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
