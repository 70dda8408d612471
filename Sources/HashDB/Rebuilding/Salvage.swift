import LMDB

/// Takes out of a damaged file what is whole of a collection.
struct Salvage {
    /// Says what there should be.
    let header: StoreHeader
    let collection: CollectionName
    private let file: PageFile
    private let databases: (segments: String, delta: String, payloads: String, attributes: String)
    /// Which of the file's commits is read.
    private let commit: Int

    /// The collections that any of the file's commits names.
    static func collections(in file: PageFile) -> [CollectionName] {
        let names = file.metas.indices.flatMap { PageWalk(file, commit: $0).names() }
        return Set(names.compactMap { CollectionName(ofMeta: $0) }).sorted()
    }

    /// - Throws: `HashDBError.damaged`, `notAStore`, `unsupportedVersion` where no commit has a header.
    init(_ collection: CollectionName, in file: PageFile) throws {
        self.file = file
        self.collection = collection
        let names = collection.databaseNames
        databases = (names[1], names[2], names[3], names[4])
        var failure = HashDBError.notAStore(path: file.path, reason: "it has no header")
        for commit in file.metas.indices {
            do {
                let walk = PageWalk(file, commit: commit)
                if let header = try Self.header(in: walk, collection.meta, path: file.path) {
                    self.header = header
                    self.commit = commit
                    return
                }
                if let problem = walk.problems.first {
                    failure = .damaged(
                        path: collection.place(in: file.path), part: "\(problem)", reason: "its header cannot be found")
                }
            } catch let error as HashDBError {
                failure = error
            }
        }
        throw failure
    }

    private static func header(in walk: PageWalk, _ database: String, path: String) throws -> StoreHeader? {
        var header: StoreHeader?
        try walk.forEachEntry(of: database) { key, value in
            guard key == Array(StoreHeader.key.utf8), let bytes = value() else { return }
            header = try bytes.withUnsafeBytes { try StoreHeader(decoding: $0, path: path) }
        }
        return header
    }

    /// Puts everything into a new store, unless `giveUp` throws, which is asked while the index is made.
    func fill(
        _ store: Store, _ giveUp: () throws -> Void, _ progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws -> RebuildReport {
        var report = RebuildReport(collection: collection.text)
        if commit > 0 || !file.metaProblems.isEmpty {
            report.losses.append("the last commit: it cannot be found, and the one before it was taken")
        }
        let deleted = deletedRows(&report)
        try store.loading(giveUp: giveUp) { loader in
            try loadSegments(without: deleted, &loader, &report, progress)
            try loadDelta(&loader, &report)
        }
        report.items = try store.count
        if report.items != header.itemCount {
            report.losses.append("items: \(report.items) of \(header.itemCount) are saved")
        }
        try copyPayloads(to: store, &report, progress)
        try copyAttributes(to: store, &report)
        return report
    }

    /// Walks over one database and notes what is wrong with its pages. Only the values of keys that are wanted are read.
    private func walk(
        _ name: String, _ report: inout RebuildReport, where isWanted: ([UInt8]) -> Bool = { _ in true },
        _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
    ) rethrows {
        let walk = PageWalk(file, commit: commit)
        try walk.forEachEntry(of: name) { key, value in
            if isWanted(key), let bytes = value() { try body(key, bytes) }
        }
        // There may be one for every page.
        var known = Set(report.losses)
        for problem in walk.problems.map(\.description) where known.insert(problem).inserted {
            report.losses.append(problem)
        }
    }

    // MARK: Codes

    private struct BlockPlace: Hashable {
        let segment: UInt64
        let index: Int
    }

    /// The segments of the store by number; others are remains, or the target of a merge whose sources are all there.
    private var descriptors: [UInt64: SegmentDescriptor] {
        Dictionary(header.segments.map { ($0.number, $0) }) { $1 }
    }

    private func forEachBlock(
        of part: BlockKey.Part, _ report: inout RebuildReport,
        _ body: (SegmentDescriptor, _ index: Int, UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        let descriptors = self.descriptors
        func wanted(_ key: [UInt8]) -> (segment: SegmentDescriptor, index: Int)? {
            guard let key = key.withUnsafeBytes({ BlockKey(decoding: $0) }), key.part == part,
                let segment = descriptors[key.segment], key.index < segment.rowBlocks
            else { return nil }
            return (segment, key.index)
        }
        try walk(databases.segments, &report, where: { wanted($0) != nil }) { key, value in
            guard let (segment, index) = wanted(key) else { return }
            try value.withUnsafeBytes { try body(segment, index, $0) }
        }
    }

    /// A bit for every deleted row of the blocks that have any.
    private func deletedRows(_ report: inout RebuildReport) -> [BlockPlace: [UInt8]] {
        var deleted: [BlockPlace: [UInt8]] = [:]
        var losses: [String] = []
        var found: [UInt64: Int] = [:]
        forEachBlock(of: .tombstones, &report) { descriptor, index, bytes in
            do throws(BlockDamage) {
                let bits = try TombstoneBlock.decode(bytes, descriptor, index)
                deleted[BlockPlace(segment: descriptor.number, index: index)] = bits
                found[descriptor.number, default: 0] += bits.reduce(0) { $0 + $1.nonzeroBitCount }
            } catch {
                losses.append("segment \(descriptor.number), tombstones, block \(index): \(error.reason)")
            }
        }
        for segment in header.segments where found[segment.number, default: 0] < segment.tombstones {
            let back = segment.tombstones - found[segment.number, default: 0]
            losses.append("segment \(segment.number), tombstones: \(back) deleted or replaced items may be back")
        }
        report.losses += losses
        return deleted
    }

    private func loadSegments(
        without deleted: [BlockPlace: [UInt8]], _ loader: inout BulkLoader, _ report: inout RebuildReport,
        _ progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws {
        let rows = header.segments.reduce(0) { $0 + $1.rows }
        var done = 0
        var losses: [String] = []
        var whole: Set<BlockPlace> = []
        try forEachBlock(of: .rows, &report) { descriptor, index, bytes in
            do throws(BlockDamage) {
                try RowBlock.check(bytes, descriptor, index, header.shape)
            } catch {
                return losses.append("segment \(descriptor.number), rows, block \(index): \(error.reason)")
            }
            guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
            let place = BlockPlace(segment: descriptor.number, index: index)
            let block = RowBlock(base, rows: descriptor.rows(inBlock: index), stride: header.shape.stride)
            let bits = deleted[place]
            try append(
                block.count, codes: block.codes, &loader, id: { block.id(at: $0) },
                isDeleted: { row in bits?[bit: row] == true })
            whole.insert(place)
            done += block.count
            try progress(done, rows)
        }
        for segment in header.segments {
            let there = whole.filter { $0.segment == segment.number }.map(\.index).sorted()
            var next = 0
            for index in there + [segment.rowBlocks] {
                if next < index { losses.append(Self.lost(next..<index, of: segment)) }
                next = index + 1
            }
        }
        report.losses += losses
    }

    private static func lost(_ blocks: Range<Int>, of segment: SegmentDescriptor) -> String {
        let last = blocks.upperBound - 1
        let rows = (last - blocks.lowerBound) << segment.rowBlockBits + segment.rows(inBlock: last)
        let place = blocks.count == 1 ? "block \(last)" : "blocks \(blocks.lowerBound) to \(last)"
        return "segment \(segment.number), rows, \(place): up to \(rows) items are lost"
    }

    private func loadDelta(_ loader: inout BulkLoader, _ report: inout RebuildReport) throws {
        var losses: [String] = []
        var entries = 0
        try walk(databases.delta, &report) { key, value in
            let index = key.withUnsafeBytes { Int(truncatingIfNeeded: number(ofKey: $0)) }
            try value.withUnsafeBytes { bytes in
                let view: DeltaBlockView
                do throws(BlockDamage) {
                    view = try DeltaBlockView(bytes, index: index, shape: header.shape)
                } catch {
                    return losses.append("delta, block \(index): \(error.reason)")
                }
                entries += view.count
                try append(
                    view.count, codes: view.codes, &loader, id: { view.id(at: $0) },
                    isDeleted: { view.isDeleted(at: $0) })
            }
        }
        if entries < header.deltaCount {
            losses.append("delta: \(header.deltaCount - entries) of the newest items are lost")
        }
        report.losses += losses
    }

    private func append(
        _ count: Int, codes: UnsafeRawPointer, _ loader: inout BulkLoader, id: (Int) -> UInt64,
        isDeleted: (Int) -> Bool
    ) throws {
        let shape = header.shape
        var ids: [UInt64] = []
        var packed: [UInt8] = []
        for row in 0..<count where !isDeleted(row) {
            ids.append(id(row))
            packed += UnsafeRawBufferPointer(start: codes + row * shape.stride, count: shape.byteCount)
        }
        try loader.append(ids: ids, packedCodes: packed)
    }

    // MARK: What lies beside

    /// Payloads or attributes are written in transactions of this many.
    private static let batch = 4096

    private func copyPayloads(
        to store: Store, _ report: inout RebuildReport, _ progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws {
        let items = report.items
        var saved = 0
        var damaged = 0
        var orphans = 0
        var gathered: [(UInt64, [UInt8])] = []
        func write() throws {
            try store.write { transaction in
                for (id, payload) in gathered {
                    guard try transaction.contains(id) else {
                        orphans += 1
                        continue
                    }
                    try transaction.setPayload(payload, of: id)
                    saved += 1
                }
            }
            gathered = []
            try progress(saved, items)
        }
        try walk(databases.payloads, &report) { key, value in
            guard key.count == 8, let payload = Self.checkedValue(value, under: key) else {
                damaged += 1
                return
            }
            gathered.append((key.withUnsafeBytes { number(ofKey: $0) }, payload))
            if gathered.count == Self.batch { try write() }
        }
        try write()
        report.payloads = saved
        if damaged > 0 { report.losses.append("payloads: \(damaged) are damaged") }
        if orphans > 0 { report.losses.append("payloads: \(orphans) are of items that are lost") }
    }

    private static func checkedValue(_ value: [UInt8], under key: [UInt8]) -> [UInt8]? {
        key.withUnsafeBytes { key in value.withUnsafeBytes { CheckedValue.decode($0, under: key) } }
    }

    private func copyAttributes(to store: Store, _ report: inout RebuildReport) throws {
        var gathered: [(String, [UInt8])] = []
        var saved = 0
        var losses: [String] = []
        func write() throws {
            try store.write { transaction in
                for (key, value) in gathered { try transaction.setAttribute(value, forKey: key) }
            }
            saved += gathered.count
            gathered = []
        }
        try walk(databases.attributes, &report) { key, value in
            let name = String(decoding: key, as: UTF8.self)
            guard let attribute = Self.checkedValue(value, under: key) else {
                return losses.append("attribute \"\(name)\": its checksum does not match")
            }
            gathered.append((name, attribute))
            if gathered.count == Self.batch { try write() }
        }
        try write()
        report.attributes = saved
        report.losses += losses
    }
}
