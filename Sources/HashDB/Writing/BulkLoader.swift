/// Takes many codes into a store at once, in `Store.bulkLoad`.
///
/// Codes are sorted and written as whole segments, in memory that does not grow with their number, and become visible together when the
/// closure returns. An id that the store has already, or that was given before, is replaced, and loses its payload.
public struct BulkLoader: ~Copyable {
    let identity = Identity()
    private let writer: StoreWriter
    private let shape: CodeShape
    private var run: CodeRun
    private let runLength: Int
    private var nextSegment: UInt64
    /// Takes one run after the other as long as their ids ascend and a segment can hold their rows.
    private var builder: SegmentBuilder?
    /// What the runs before have become, without tables: nobody searches them.
    private var parts: [SegmentDescriptor] = []
    /// The id after the largest that was given or that the store has ever held; nil when the largest possible id is taken.
    public private(set) var nextID: UInt64?

    /// About how many bytes of ids and codes are gathered before they are written.
    package static let runBytes = 1 << 27

    init(_ writer: StoreWriter, _ header: StoreHeader, runLength: Int? = nil) {
        self.writer = writer
        shape = header.shape
        run = CodeRun(shape: header.shape)
        nextSegment = header.nextSegment
        self.runLength = min(writer.folding.maximumRows, runLength ?? Self.runBytes / (8 + header.shape.stride))
        nextID = header.largestID.map { $0 == .max ? nil : $0 + 1 } ?? 0
    }

    /// Takes one code.
    ///
    /// - Throws: `HashDBError.codeWidthMismatch`; `diskFull` and others of writing.
    public mutating func append(id: UInt64, code: BinaryCode) throws {
        try shape.check(code)
        run.ids.append(id)
        shape.append(code, to: &run.codes)
        note(id)
        if run.count >= runLength { try finishRun() }
    }

    /// Takes codes that lie packed one after the other, `bitWidth` / 8 bytes each.
    ///
    /// - Parameters:
    ///   - ids: As many ids as there are codes; nil: those that follow the largest.
    ///   - packedCodes: Count × `bitWidth` / 8 bytes.
    /// - Throws: `HashDBError.incompleteCode` if there are bytes of a part of a code, `countMismatch` if there are more or fewer ids than codes,
    ///   `idsExhausted`; `diskFull` and others of writing.
    public mutating func append(ids: [UInt64]? = nil, packedCodes: [UInt8]) throws {
        let count = packedCodes.count / shape.byteCount
        guard packedCodes.count % shape.byteCount == 0 else {
            throw HashDBError.incompleteCode(bytes: packedCodes.count, bytesPerCode: shape.byteCount)
        }
        if let ids, ids.count != count { throw HashDBError.countMismatch(ids: ids.count, codes: count) }
        var at = 0
        while at < count {
            let end = min(count, at + runLength - run.count)
            if let ids {
                run.ids += ids[at..<end]
                ids[at..<end].max().map { note($0) }
            } else {
                guard let first = nextID, UInt64(end - at - 1) <= UInt64.max - first else {
                    throw HashDBError.idsExhausted
                }
                run.ids += first...first + UInt64(end - at - 1)
                note(first + UInt64(end - at - 1))
            }
            appendPacked(packedCodes[at * shape.byteCount..<end * shape.byteCount])
            at = end
            if run.count >= runLength { try finishRun() }
        }
    }

    private mutating func appendPacked(_ codes: ArraySlice<UInt8>) {
        guard shape.stride > shape.byteCount else { return run.codes += codes }
        let padding = repeatElement(UInt8(0), count: shape.stride - shape.byteCount)
        var at = codes.startIndex
        while at < codes.endIndex {
            run.codes += codes[at..<at + shape.byteCount]
            run.codes += padding
            at += shape.byteCount
        }
    }

    private mutating func note(_ id: UInt64) {
        guard let next = nextID else { return }
        nextID = id == .max ? nil : max(next, id + 1)
    }

    private mutating func finishRun() throws {
        guard run.count > 0 else { return }
        run.sortKeepingLast()
        // What is written here is written within the caller's closure.
        try HashDBError.translating {
            if let last = builder?.lastID, let rows = builder?.rows,
                run.ids[0] <= last || rows + run.count > writer.folding.maximumRows
            {
                try finishPart()
            }
            if builder == nil {
                builder = SegmentBuilder(number: nextSegment, shape: shape, writer: writer)
                nextSegment += 1
            }
            try builder?.append(run)
        }
        run.removeAll()
    }

    private mutating func finishPart() throws {
        guard var part = try builder?.finish(isIndexed: false) else { return }
        try part.rest.flush()
        parts.append(part.descriptor)
        builder = nil
    }

    /// Makes all that was given part of the store, unless `giveUp` throws before.
    mutating func finish(_ state: StoreState, giveUp: () throws -> Void) throws {
        try finishRun()
        run = CodeRun(shape: shape)
        let loaded = try parts.isEmpty ? [builder?.finish(giveUp: giveUp)].compactMap { $0 } : mergedParts(giveUp)
        guard !loaded.isEmpty else { return }
        try giveUp()
        try writer.publish(loaded, mergedFrom: parts, state)
    }

    private mutating func mergedParts(_ giveUp: () throws -> Void) throws -> [BuiltSegment] {
        try finishPart()
        let views = parts.map { part in
            StoreState.SegmentView(
                segment: Segment(part, shape: shape, databases: writer.databases, path: writer.path), deleted: nil)
        }
        let generation = writer.environment.mapGeneration
        var loaded: [BuiltSegment] = []
        var copied: UInt64?
        var hasAll = false
        while !hasAll {
            var merged = SegmentBuilder(number: nextSegment, shape: shape, writer: writer)
            nextSegment += 1
            // Up to a row block more may be copied.
            var rows = writer.folding.maximumRows - merged.blockRows
            hasAll = try writer.copyRows(
                of: views, from: generation, into: &merged, after: copied, &rows, giveUp: giveUp)
            copied = merged.lastID
            if let segment = try merged.finish(giveUp: giveUp) { loaded.append(segment) }
        }
        return loaded
    }
}
