extension Snapshot {
    /// Calls `body` on every bucket that holds an item, segment by segment, substring by substring, in the order of values, until it
    /// returns false.
    ///
    /// The delta is in no bucket.
    /// - Parameter body: What to do with a bucket. Returns whether to go on.
    /// - Complexity: O(m·n) for m substrings, and what ordering each bucket by id takes.
    /// - Throws: `HashDBError.damaged`; `CancellationError` if the task is cancelled; what `body` throws.
    public func forEachBucket(_ body: (Bucket) throws -> Bool) throws {
        let shape = state.header.shape
        var cancellation = CancellationCheck()
        try forEachBucket { index, substring, value, positions, block in
            let view = state.segments[index]
            var items: [Item] = []
            for position in positions {
                for row in try view.segment.rows(ofEntry: position, in: block, substring, value, transaction) {
                    try cancellation.step()
                    guard let id = try view.liveID(ofRow: Int(row), transaction) else { continue }
                    items.append(Item(id: id, code: try view.segment.code(ofRow: Int(row), transaction)))
                }
            }
            items.sort { $0.id < $1.id }
            guard !items.isEmpty else { return true }
            let start = view.descriptor.start(ofSubstring: substring, shape)
            return try body(
                Bucket(
                    segment: view.descriptor.number, substring: substring,
                    bits: start..<start + view.descriptor.substringBits,
                    value: value, items: items))
        }
    }

    /// Calls `body` on every bucket, until it returns false or the task is cancelled: the index of its segment, its substring, its value, and
    /// where its codes lie in a block.
    func forEachBucket(_ body: (Int, Int, Int, Range<Int>, BucketBlock) throws -> Bool) throws {
        var cancellation = CancellationCheck()
        for (index, view) in state.segments.enumerated() {
            let descriptor = view.descriptor
            for substring in 0..<descriptor.substrings {
                for shard in 0..<descriptor.shards {
                    let block = try view.segment.bucketBlock(shard, ofSubstring: substring, transaction)
                    for bucket in 0..<1 << descriptor.shardBits {
                        try cancellation.step()
                        let value = shard << descriptor.shardBits | bucket
                        let positions = block.positions(ofBucket: bucket)
                        guard try body(index, substring, value, positions, block) else { return }
                    }
                }
            }
        }
    }
}
