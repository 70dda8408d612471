import CHamming

extension StoreState.DeltaView {
    /// The entries that may be found within `limit`; of more than `count` of them (0: any number) at least the nearest by distance and id.
    ///
    /// Positions do not follow ids, so that of equally far entries all must be found before their ids tell which count.
    func search(_ request: SearchRequest, limit: Int, bitWidth: Int) throws -> [Match] {
        var collector = try Collector(count: request.count, limit: limit, bitWidth: bitWidth, keepsTies: true)
        scan(request.query, skip(request.filter), into: &collector)
        let found = try collector.prunedHits().map { Match(id: id(at: Int($0.row)), distance: Int($0.distance)) }
        return found.sorted()
    }

    /// The entries that may not be found.
    private func skip(_ filter: ItemFilter) -> Bitmap? {
        if case .all = filter.kind { return deleted }
        return Bitmap(count: blocks.count * DeltaBlock.blockCapacity) { words in
            for position in 0..<count where deleted?[position] == true || !filter.contains(id(at: position)) {
                words[bit: position] = true
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
