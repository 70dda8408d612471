import CHamming

/// Makes the bucket blocks of a segment from its rows.
///
/// For each table one pass over the rows counts what goes into each bucket; then, for each group of shards that fits in memory, another pass
/// puts the group's entries in their places.
struct TableBuilder {
    /// Calls its argument with parts of the rows, in order: codes, how many, and the first one's row.
    typealias RowSource = ((UnsafePointer<UInt8>, Int, Int) throws -> Void) throws -> Void
    /// Entries and rows of a group take about this much memory.
    static let groupBytes = 1 << 28

    private let descriptor: SegmentDescriptor
    private let cut: SubstringCut
    private let entryBytes: Int
    private let isComplete: Bool
    /// Different codes in the shards of the first table that are made.
    private(set) var distinct: Int
    /// The first shard that is not made yet.
    private(set) var next: TablePosition

    init(_ descriptor: SegmentDescriptor, _ shape: CodeShape, from next: TablePosition) {
        self.next = next
        self.descriptor = descriptor
        cut = SubstringCut(descriptor, shape)
        entryBytes = descriptor.entryBytes(shape)
        isComplete = descriptor.isComplete(shape)
        distinct = isComplete ? descriptor.distinct : descriptor.rows
    }

    /// Makes shards until they have about so many bytes, or all are made.
    mutating func build(bytes: Int, into queue: inout BlockQueue, _ source: RowSource) throws {
        var left = bytes / (entryBytes + 4) + 1
        while left > 0, next.substring < descriptor.substrings { try buildShards(&left, into: &queue, source) }
    }

    private mutating func buildShards(_ left: inout Int, into queue: inout BlockQueue, _ source: RowSource) throws {
        let substring = next.substring
        var counts = [UInt32](repeating: 0, count: 1 << descriptor.substringBits)
        try source { codes, count, _ in hamming_bucket_count(cut.cut, UInt32(substring), codes, count, &counts) }
        let hasRows = substring == 0 || !isComplete
        let limit = Self.groupBytes / (entryBytes + (hasRows ? 4 : 0))
        let perShard = 1 << descriptor.shardBits
        while next.shard < descriptor.shards, left > 0 {
            let first = next.shard
            var end = first
            var size = 0
            repeat {
                size += counts[end * perShard..<(end + 1) * perShard].reduce(0) { $0 + Int($1) }
                end += 1
            } while end < descriptor.shards && size < min(limit, left)
            var group = TableGroup(
                buckets: first * perShard..<end * perShard, counts: counts, size: size, entryBytes: entryBytes,
                hasRows: hasRows)
            try source { codes, count, row in group.scatter(codes, count, row, cut, substring) }
            // Equal codes are one entry; where the first table has found none, the others need not look.
            let isGrouped = isComplete && (substring == 0 || distinct < descriptor.rows)
            for shard in first..<end {
                let bucket = shard * perShard
                var encoder = BucketBlockEncoder(entryBytes: entryBytes, shardBits: descriptor.shardBits)
                group.take(buckets: bucket..<bucket + perShard, isGrouped: isGrouped, into: &encoder)
                if substring == 0, isComplete { distinct += encoder.entries.count / max(entryBytes, 1) }
                let block = encoder.encode(segment: descriptor.number, substring: substring, shard: shard)
                queue.add(.table(substring), shard, block)
                try queue.flushIfLarge()
            }
            next.shard = end
            left -= size
        }
        guard next.shard == descriptor.shards else { return }
        next = TablePosition(substring: substring + 1)
        if substring == 0, isComplete, entryBytes == 0 { distinct = counts.count { $0 > 0 } }
    }
}

/// The entries of some buckets, in memory.
private struct TableGroup {
    private let buckets: Range<Int>
    private let entryBytes: Int
    private let hasRows: Bool
    /// Element i: where the next entry of the group's bucket i goes; after scattering, where its entries end.
    private var places: [UInt64] = []
    private var entries: [UInt8]
    private var rows: [UInt32]
    private var sizes: [UInt32]
    private var scratch: [UInt64] = []

    init(buckets: Range<Int>, counts: [UInt32], size: Int, entryBytes: Int, hasRows: Bool) {
        self.buckets = buckets
        self.entryBytes = entryBytes
        self.hasRows = hasRows
        places.reserveCapacity(buckets.count)
        var place: UInt64 = 0
        for bucket in buckets {
            places.append(place)
            place += UInt64(counts[bucket])
        }
        entries = [UInt8](repeating: 0, count: size * entryBytes)
        rows = [UInt32](repeating: 0, count: hasRows ? size : 0)
        sizes = []
    }

    mutating func scatter(
        _ codes: UnsafePointer<UInt8>, _ count: Int, _ firstRow: Int, _ cut: SubstringCut, _ substring: Int
    ) {
        entries.withUnsafeMutableBufferPointer { entries in
            rows.withUnsafeMutableBufferPointer { rows in
                hamming_bucket_scatter(
                    cut.cut, UInt32(substring), codes, count, UInt32(firstRow), UInt32(buckets.lowerBound),
                    UInt32(buckets.upperBound), &places, entries.baseAddress, hasRows ? rows.baseAddress : nil)
            }
        }
    }

    /// Moves the contents of some buckets into a block.
    mutating func take(buckets wanted: Range<Int>, isGrouped: Bool, into block: inout BucketBlockEncoder) {
        block.bucketCounts.reserveCapacity(wanted.count)
        let first = start(ofBucket: wanted.lowerBound)
        let end = start(ofBucket: wanted.upperBound)
        if hasRows { block.rows.reserveCapacity(end - first) }
        block.entries.reserveCapacity((end - first) * entryBytes)
        if !isGrouped {
            for bucket in wanted {
                block.bucketCounts.append(UInt32(start(ofBucket: bucket + 1) - start(ofBucket: bucket)))
            }
            block.entries += entries[first * entryBytes..<end * entryBytes]
            if hasRows { block.rows += rows[first..<end] }
            return
        }
        for bucket in wanted {
            takeGrouped(start(ofBucket: bucket)..<start(ofBucket: bucket + 1), into: &block)
        }
    }

    private mutating func takeGrouped(_ range: Range<Int>, into block: inout BucketBlockEncoder) {
        makeRoom(for: range)
        let kept = entries.withUnsafeMutableBufferPointer { entries in
            rows.withUnsafeMutableBufferPointer { rows in
                sizes.withUnsafeMutableBufferPointer { sizes in
                    hamming_bucket_group(
                        entries.baseAddress.map { $0 + range.lowerBound * entryBytes },
                        hasRows ? rows.baseAddress.map { $0 + range.lowerBound } : nil,
                        sizes.baseAddress, range.count, UInt32(entryBytes), &scratch)
                }
            }
        }
        block.bucketCounts.append(UInt32(kept))
        block.entries += entries[range.lowerBound * entryBytes..<(range.lowerBound + kept) * entryBytes]
        block.sizes += sizes[..<kept]
        if hasRows { block.rows += rows[range] }
    }

    /// Makes room to group a bucket: none for each row of a code that most of it has, of which there may be millions.
    private mutating func makeRoom(for range: Range<Int>) {
        guard sizes.count < range.count else { return }
        let others = entries.withUnsafeBufferPointer { entries in
            hamming_bucket_others(
                entries.baseAddress.map { $0 + range.lowerBound * entryBytes }, range.count, UInt32(entryBytes))
        }
        guard sizes.count <= others else { return }
        sizes = [UInt32](repeating: 0, count: max(others + 1, 1024))
        scratch = [UInt64](repeating: 0, count: 6 * sizes.count)
    }

    private func start(ofBucket bucket: Int) -> Int {
        bucket == buckets.lowerBound ? 0 : Int(places[bucket - buckets.lowerBound - 1])
    }
}
