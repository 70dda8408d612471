import CHamming

extension StoreState.DeltaView {
    /// The entries that may be found within `limit`; of more than `count` of them (0: any number) at least the nearest by distance and id.
    ///
    /// Positions do not follow ids, so that a collector of the `count` nearest would break ties wrongly: it only finds how far they reach.
    func search(_ request: SearchRequest, limit: Int, bitWidth: Int) throws -> [Match] {
        let skip = skip(request.filter)
        var limit = limit
        if (1..<count).contains(request.count) {
            var nearest = try Collector(count: request.count, limit: limit, bitWidth: bitWidth)
            scan(request.query, skip, into: &nearest)
            limit = nearest.limit
        }
        var all = try Collector(count: 0, limit: limit, bitWidth: bitWidth)
        scan(request.query, skip, into: &all)
        let found = try all.prunedHits().map { Match(id: id(at: Int($0.row)), distance: Int($0.distance)) }
        return found.sorted()
    }

    /// The entries that may not be found.
    private func skip(_ filter: ItemFilter) -> Bitmap? {
        if case .all = filter.kind { return deleted }
        return Bitmap(count: blocks.count * DeltaBlock.blockCapacity) { words in
            for position in 0..<count where deleted?[position] == true || !filter.contains(id(at: position)) {
                words[position >> 6] |= 1 << UInt64(position & 63)
            }
        }
    }

    private func scan(_ query: UnsafePointer<hamming_query>, _ skip: Bitmap?, into collector: inout Collector) {
        for (index, block) in blocks.enumerated() {
            hamming_scan(
                query, block.codes.assumingMemoryBound(to: UInt8.self), block.count,
                UInt32(index * DeltaBlock.blockCapacity), skip?.words, &collector.raw)
        }
    }
}
