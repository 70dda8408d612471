import LMDB

extension Snapshot {
    /// Reads the whole store and throws if anything in it contradicts anything else.
    ///
    /// Beyond the checksums: ids ascend in every segment and live in one place only; every bucket holds exactly the rows whose substring has
    /// its value, with their codes; counts and fences agree; payloads belong to items.
    /// - Parameter progress: What is told how much is done, and how much there is, in rows of tables.
    /// - Complexity: O(m·n) for m substrings: the whole collection is read.
    /// - Throws: `HashDBError.damaged`, which names the first part that does not fit; `CancellationError` if the task is cancelled; what
    ///   `progress` throws.
    public func checkInvariants(progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }) throws {
        let total = state.segments.reduce(count) { $0 + $1.descriptor.rows * (1 + $1.descriptor.substrings) }
        var done = 0
        func advance(_ rows: Int) throws {
            done += rows
            try progress(done, total)
        }
        for view in state.segments {
            try checkRows(view)
            try advance(view.descriptor.rows)
            for substring in 0..<view.descriptor.substrings { try checkTable(substring, view, advance) }
        }
        try checkBlocks()
        try checkDelta()
        try checkIDs()
        try advance(count)
        try checkPayloads()
        try log.check(state.header, transaction)
        try forEachEntryOf(databases.attributes, "attributes") { _ in true }
    }

    private func damaged(_ part: String, _ reason: String) -> HashDBError {
        .damaged(path: path, part: part, reason: reason)
    }

    private func checkRows(_ view: StoreState.SegmentView) throws {
        let descriptor = view.descriptor
        let part = "segment \(descriptor.number), rows"
        var last: UInt64?
        var cancellation = CancellationCheck()
        for row in 0..<descriptor.rows {
            try cancellation.step()
            let block = try view.segment.rowBlock(row >> descriptor.rowBlockBits, transaction)
            let id = block.id(at: row & (1 << descriptor.rowBlockBits - 1))
            guard last.map({ $0 < id }) ?? (id == descriptor.firstID) else {
                throw damaged(part, "the id of row \(row) is out of order")
            }
            guard try view.segment.row(ofID: id, transaction) == row else {
                throw damaged(part, "the fence misses row \(row)")
            }
            last = id
        }
        guard last == descriptor.lastID else { throw damaged(part, "the last id is not the header's") }
        let deleted = (0..<descriptor.rows).count { view.deleted?[$0] == true }
        guard deleted == descriptor.tombstones else {
            throw damaged(part, "\(deleted) rows are deleted, not \(descriptor.tombstones)")
        }
    }

    private func checkTable(
        _ substring: Int, _ view: StoreState.SegmentView, _ advance: (_ rows: Int) throws -> Void
    ) throws {
        let descriptor = view.descriptor
        let shape = state.header.shape
        let part = "segment \(descriptor.number), substring \(substring)"
        let isComplete = descriptor.isComplete(shape)
        var seen = [Bool](repeating: false, count: descriptor.rows)
        var entries = 0
        var cancellation = CancellationCheck()
        for shard in 0..<descriptor.shards {
            let block = try view.segment.bucketBlock(shard, ofSubstring: substring, transaction)
            for bucket in 0..<1 << descriptor.shardBits {
                let value = shard << descriptor.shardBits | bucket
                for position in block.positions(ofBucket: bucket) {
                    entries += 1
                    if isComplete, substring == 0 {
                        guard
                            block.position(of: block.entry(at: position), inBucket: bucket, view.segment.cut)
                                == position
                        else {
                            throw damaged(part, "an entry of bucket \(value) is out of order")
                        }
                    }
                    var last = -1
                    for row in try view.segment.rows(ofEntry: position, in: block, substring, value, transaction) {
                        let row = Int(row)
                        try cancellation.step()
                        guard row > last, !seen[row] else {
                            throw damaged(part, "row \(row) is out of order in bucket \(value)")
                        }
                        let code = try view.segment.codeAddress(ofRow: row, transaction)
                        let cutCode = CutCode(code.assumingMemoryBound(to: UInt8.self), view.segment.cut)
                        let isHere = cutCode.withEntry(ofSubstring: substring) {
                            memoryEqual($0, block.entry(at: position), descriptor.entryBytes(shape))
                        }
                        guard isHere, cutCode.value(ofSubstring: substring) == value else {
                            throw damaged(part, "row \(row) is in bucket \(value) by mistake")
                        }
                        seen[row] = true
                        last = row
                    }
                }
            }
            try advance(descriptor.rows * (shard + 1) / descriptor.shards - descriptor.rows * shard / descriptor.shards)
        }
        guard entries == descriptor.distinct else {
            throw damaged(part, "\(entries) entries instead of \(descriptor.distinct)")
        }
        guard seen.allSatisfy({ $0 }) else { throw damaged(part, "a row is in no bucket") }
    }

    /// Every block belongs to a segment, or to the target of a merge, or to what the next writer will remove.
    private func checkBlocks() throws {
        let header = state.header
        guard header.segments.contains(where: { $0.isBeingMerged }) == (header.merge != nil) else {
            throw damaged("header", "it does not tell which segments are being merged")
        }
        let known = Set(header.segments.map(\.number) + (header.merge.map { [$0.target.number] } ?? []))
        var cancellation = CancellationCheck()
        try transaction.withCursor(databases.segments) { cursor in
            var entry = try cursor.first()
            while let (key, _) = entry {
                try cancellation.step()
                let number = BlockKey(decoding: key)?.segment ?? 0
                guard known.contains(number) || header.unfinishedSegment != 0 && number >= header.unfinishedSegment
                else { throw damaged("segment \(number)", "it is not in the header") }
                entry = try cursor.next()
            }
        }
    }

    private func checkDelta() throws {
        for (index, block) in state.delta.blocks.enumerated() {
            for position in 1..<block.count where block.id(at: position - 1) >= block.id(at: position) {
                throw DeltaBlock.damaged(path, index, "the id of entry \(position) is out of order")
            }
        }
    }

    private func checkIDs() throws {
        var found = 0
        var last: UInt64?
        var cancellation = CancellationCheck()
        try forEachEntry { id, code in
            try cancellation.step()
            guard last.map({ $0 < id }) ?? true else { throw damaged("ids", "id \(id) lives in two places") }
            let padding = state.header.shape.byteCount..<state.header.shape.stride
            guard padding.allSatisfy({ code.load(fromByteOffset: $0, as: UInt8.self) == 0 }) else {
                throw damaged("codes", "the code of id \(id) has bits past its width")
            }
            found += 1
            last = id
            return true
        }
        guard found == count else { throw damaged("header", "it counts \(count) items, and there are \(found)") }
        if let last, largestID.map({ $0 < last }) ?? true {
            throw damaged("header", "its largest id is less than \(last)")
        }
    }

    private func checkPayloads() throws {
        try forEachEntryOf(databases.payloads, "payloads") { key in try contains(number(ofKey: key)) }
    }

    /// Checks every entry of a database and its checksum.
    private func forEachEntryOf(
        _ database: Database, _ part: String, _ isExpected: (UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        var cancellation = CancellationCheck()
        try transaction.withCursor(database) { cursor in
            var entries = 0
            var entry = try cursor.first()
            while let (key, value) = entry {
                try cancellation.step()
                if CheckedValue.decode(value, under: key) == nil {
                    throw damaged(part, "the checksum of entry \(entries) does not match")
                }
                guard try isExpected(key) else { throw damaged(part, "entry \(entries) belongs to nothing") }
                entries += 1
                entry = try cursor.next()
            }
        }
    }
}

private func memoryEqual(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    UnsafeBufferPointer(start: a, count: count).elementsEqual(UnsafeBufferPointer(start: b, count: count))
}
