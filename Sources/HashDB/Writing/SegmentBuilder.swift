import CHamming

/// Turns a run of codes into the blocks of a segment.
///
/// Blocks come in groups of bounded size, so that neither they nor LMDB's dirty pages need memory for a whole segment. Codes are grouped by a
/// counting sort on the substring's value: one pass over the run for each group.
struct SegmentBuilder {
    typealias Block = (key: BlockKey, bytes: [UInt8])

    let run: CodeRun
    let descriptor: SegmentDescriptor
    /// Blocks are filled up with zeros to this size, so that LMDB gives each pages of its own.
    let minimumBlockBytes: Int
    static let groupBytes = 1 << 25

    /// - Precondition: `run` is not empty, its ids ascend, and it is no longer than `SegmentLayout.maximumRows`.
    init(_ run: CodeRun, number: UInt64, pageSize: Int) {
        self.run = run
        descriptor = SegmentLayout.descriptor(
            number: number, rows: run.count, firstID: run.ids[0], lastID: run.ids[run.count - 1], shape: run.shape)
        minimumBlockBytes = pageSize - 16
    }

    /// Hands over every block, group by group.
    func forEachGroup(_ body: ([Block]) throws -> Void) throws {
        try forEachRowGroup(body)
        for substring in 0..<descriptor.substrings { try forEachTableGroup(substring, body) }
    }

    private func forEachRowGroup(_ body: ([Block]) throws -> Void) throws {
        var group: [Block] = [finish(.fence, 0, fence())]
        var size = 0
        for index in 0..<descriptor.rowBlocks {
            let first = index << descriptor.rowBlockBits
            let range = first..<first + descriptor.rows(inBlock: index)
            group.append(finish(.rows, index, RowBlock.encode(run, range, segment: descriptor.number, index: index)))
            size += group[group.count - 1].bytes.count
            if size >= Self.groupBytes {
                try body(group)
                group = []
                size = 0
            }
        }
        if !group.isEmpty { try body(group) }
    }

    private func fence() -> [UInt8] {
        var bytes = BlockHeader(kind: .fence, count: descriptor.rowBlocks, segment: descriptor.number, index: 0).bytes
        for index in 0..<descriptor.rowBlocks { bytes.append(number: run.ids[index << descriptor.rowBlockBits]) }
        return bytes
    }

    private func forEachTableGroup(_ substring: Int, _ body: ([Block]) throws -> Void) throws {
        let start = UInt32(descriptor.start(ofSubstring: substring, run.shape))
        let bits = UInt32(descriptor.substringBits)
        var counts = [UInt32](repeating: 0, count: 1 << descriptor.substringBits)
        run.codes.withUnsafeBufferPointer {
            hamming_bucket_count($0.baseAddress, run.count, UInt32(run.shape.stride), start, bits, &counts)
        }
        let perShard = 1 << descriptor.shardBits
        var first = 0
        while first < descriptor.shards {
            var end = first
            var codes = 0
            repeat {
                codes += counts[end * perShard..<(end + 1) * perShard].reduce(0) { $0 + Int($1) }
                end += 1
            } while end < descriptor.shards && codes * (run.shape.stride + 4) < Self.groupBytes
            try body(group(substring, start, bits, shards: first..<end, codes: codes, counts))
            first = end
        }
    }

    private func group(
        _ substring: Int, _ start: UInt32, _ bits: UInt32, shards: Range<Int>, codes count: Int, _ counts: [UInt32]
    ) -> [Block] {
        let buckets = shards.lowerBound << descriptor.shardBits..<shards.upperBound << descriptor.shardBits
        let stride = run.shape.stride
        var places: [UInt64] = []
        places.reserveCapacity(buckets.count)
        var place: UInt64 = 0
        for bucket in buckets {
            places.append(place)
            place += UInt64(counts[bucket])
        }
        var codes = [UInt8](repeating: 0, count: count * stride)
        var rows = [UInt32](repeating: 0, count: count)
        run.codes.withUnsafeBufferPointer {
            hamming_bucket_scatter(
                $0.baseAddress, run.count, UInt32(stride), start, bits, UInt32(buckets.lowerBound),
                UInt32(buckets.upperBound), 0,
                &places, &codes, &rows)
        }
        var at = 0
        return shards.map { shard in
            let own = counts[shard << descriptor.shardBits..<(shard + 1) << descriptor.shardBits]
            let end = at + own.reduce(0) { $0 + Int($1) }
            defer { at = end }
            let bytes = bucketBlock(
                substring, shard, counts: own, codes: codes[at * stride..<end * stride], rows: rows[at..<end])
            return finish(.table(substring), shard, bytes)
        }
    }

    private func bucketBlock(
        _ substring: Int, _ shard: Int, counts: ArraySlice<UInt32>, codes: ArraySlice<UInt8>, rows: ArraySlice<UInt32>
    ) -> [UInt8] {
        var bytes = BlockHeader(
            kind: .buckets, count: rows.count, segment: descriptor.number, index: shard, detail: substring
        ).bytes
        let codesAt = hamming_block_codes_offset(UInt32(descriptor.shardBits))
        bytes.reserveCapacity(max(minimumBlockBytes, codesAt + codes.count + 4 * rows.count))
        var offset: UInt32 = 0
        bytes.append(number: offset)
        for count in counts {
            offset += count
            bytes.append(number: offset)
        }
        bytes.append(contentsOf: repeatElement(0, count: codesAt - bytes.count))
        bytes.append(contentsOf: codes)
        rows.withUnsafeBytes { bytes.append(contentsOf: $0) }
        return bytes
    }

    private func finish(_ part: BlockKey.Part, _ index: Int, _ bytes: [UInt8]) -> Block {
        var bytes = bytes
        if bytes.count < minimumBlockBytes {
            bytes.append(contentsOf: repeatElement(0, count: minimumBlockBytes - bytes.count))
        }
        BlockHeader.seal(&bytes)
        return (BlockKey(segment: descriptor.number, part: part, index: index), bytes)
    }
}
