import LMDB

extension Snapshot {
    /// What the store consists of.
    ///
    /// - Parameter occupancy: Whether to count how full the buckets are, for which every bucket block is read.
    /// - Complexity: O(s + d) for d new items that are in no segment yet; with `occupancy` O(m·n) for m substrings.
    /// - Throws: `HashDBError.damaged`; with `occupancy`, `CancellationError` if the task is cancelled.
    public func statistics(occupancy: Bool = false) throws -> Statistics {
        let descriptors = state.segments.map(\.descriptor)
        let costs = state.segments.map(\.segment.costs)
        let deletedInDelta = (0..<state.delta.count).count { state.delta.deleted?[$0] == true }
        let pages = try databases.all.reduce(0) { try $0 + transaction.byteCount(of: $1) }
        return Statistics(
            collection: databases.collection.text, formatVersion: StoreHeader.version, bitWidth: bitWidth, model: model,
            itemCount: count,
            commitNumber: commitNumber, position: try position,
            segments: zip(descriptors, costs).map { descriptor, costs in
                .init(
                    number: descriptor.number, rows: descriptor.rows, tombstones: descriptor.tombstones,
                    substrings: descriptor.substrings,
                    substringBits: descriptor.substringBits, shards: descriptor.shards,
                    distinctCodes: descriptor.distinct, entriesPerBucket: costs.bucketLoad,
                    bucketCost: costs.bucket(load: costs.bucketLoad),
                    scanCost: Double(descriptor.rows) * costs.scannedCode)
            },
            isMerging: state.header.merge != nil, deltaCount: state.delta.count,
            tombstones: descriptors.reduce(deletedInDelta) { $0 + $1.tombstones },
            fileBytes: environment.usedBytes, collectionBytes: pages,
            collections: try HashDBError.translating { try environment.collections().count },
            mapBytes: environment.mapSize, readers: environment.readerCount,
            substringOccupancy: occupancy ? try bucketOccupancy() : nil)
    }

    private func bucketOccupancy() throws -> [Statistics.Occupancy] {
        var histograms = state.segments.map { [[Int]](repeating: [0], count: $0.descriptor.substrings) }
        try forEachBucket { segment, substring, _, positions, _ in
            let bin = Int.bitWidth - positions.count.leadingZeroBitCount
            let missing = bin + 1 - histograms[segment][substring].count
            if missing > 0 { histograms[segment][substring] += [Int](repeating: 0, count: missing) }
            histograms[segment][substring][bin] += 1
            return true
        }
        return histograms.enumerated().flatMap { segment, substrings in
            substrings.enumerated().map { Statistics.Occupancy(segment: segment, substring: $0, counts: $1) }
        }
    }
}
