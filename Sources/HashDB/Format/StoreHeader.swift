import LMDB

/// What a collection says of itself: the value of "header" in the database "meta". Format.md gives its bytes.
struct StoreHeader: Equatable, Sendable {
    /// The version of the format that this code writes and reads.
    static let version = 2
    static let magic: UInt64 = 0x0A0D_6264_6873_6168  // "hashdb\r\n"
    static let byteOrderMark: UInt32 = 0x0102_0304
    static let key = "header"
    static let maximumNameBytes = 1024
    private static let fixedSize = 96
    /// More commits and segments than there can ever be; beyond it, to count on could overflow.
    static let largestCount: UInt64 = 1 << 62

    var bitWidth: Int
    var model: ModelIdentity?
    /// Counts the commits that changed items or attributes.
    var commit: UInt64 = 0
    /// The items that are not deleted.
    var itemCount: Int = 0
    /// The largest id that was ever stored, if any was. Ids are not given out twice.
    var largestID: UInt64?
    var nextSegment: UInt64 = 1
    /// If not 0: segments from this number on that the header does not list are remains, which the next writer removes.
    var unfinishedSegment: UInt64 = 0
    /// Entries of the delta, deleted ones among them.
    var deltaCount: Int = 0
    var segments: [SegmentDescriptor] = []
    /// The merge that is under way.
    var merge: MergeRecord?
    /// Whether what each commit touches is recorded.
    var recordsChanges = false
    /// Tells collections apart that had one name one after the other: the commit that made it, 0 for the one that a file began with.
    var stamp: UInt64 = 0

    var shape: CodeShape { CodeShape(bitWidth: bitWidth) }

    func encode() -> [UInt8] {
        let name = Array((model?.name ?? "").utf8)
        let fingerprint = Array((model?.fingerprint ?? "").utf8)
        var bytes: [UInt8] = []
        bytes.append(number: Self.magic)
        bytes.append(number: UInt32(Self.version))
        bytes.append(number: Self.byteOrderMark)
        bytes.append(number: UInt32(bitWidth))
        bytes.append(number: UInt32(shape.stride))
        bytes.append(number: commit)
        bytes.append(number: UInt64(itemCount))
        bytes.append(number: largestID ?? 0)
        bytes.append(number: nextSegment)
        bytes.append(number: unfinishedSegment)
        bytes.append(number: UInt64(deltaCount))
        bytes.append(number: UInt32(segments.count))
        bytes.append(number: UInt32(name.count))
        bytes.append(number: UInt32(fingerprint.count))
        bytes.append(flags: [largestID != nil, model != nil, merge != nil, recordsChanges])
        bytes.append(number: stamp)
        for segment in segments { segment.append(to: &bytes) }
        merge?.append(to: &bytes)
        bytes += name + fingerprint
        bytes.append(number: bytes.withUnsafeBytes { checksum($0) })
        return bytes
    }

    /// The header in these bytes of the store at `path`.
    ///
    /// - Throws: `HashDBError.notAStore`, `unsupportedVersion`, `damaged`.
    init(decoding bytes: UnsafeRawBufferPointer, path: String) throws {
        func damaged(_ reason: String) -> HashDBError { .damaged(path: path, part: "header", reason: reason) }
        guard bytes.count >= 16, bytes.number(at: 0) == Self.magic else {
            throw HashDBError.notAStore(path: path, reason: "its header is another program's")
        }
        guard bytes.number(at: 12) == Self.byteOrderMark else {
            throw HashDBError.notAStore(path: path, reason: "it was written in another byte order")
        }
        let version = Int(bytes.number(at: 8, as: UInt32.self))
        guard version == Self.version else { throw HashDBError.unsupportedVersion(path: path, found: version) }
        guard bytes.count >= Self.fixedSize + 8,
            checksum(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 8)])) == bytes.number(at: bytes.count - 8)
        else { throw damaged("its checksum does not match") }
        bitWidth = Int(bytes.number(at: 16, as: UInt32.self))
        guard BinaryCode.widths.contains(bitWidth), bitWidth % 8 == 0,
            Int(bytes.number(at: 20, as: UInt32.self)) == CodeShape(bitWidth: bitWidth).stride
        else { throw damaged("it gives a width of \(bitWidth) bits") }
        commit = bytes.number(at: 24)
        itemCount = Int(truncatingIfNeeded: bytes.number(at: 32, as: UInt64.self))
        let flags = bytes.number(at: 84, as: UInt32.self)
        recordsChanges = flags & 8 != 0
        largestID = flags & 1 == 0 ? nil : bytes.number(at: 40)
        nextSegment = bytes.number(at: 48)
        unfinishedSegment = bytes.number(at: 56)
        deltaCount = Int(truncatingIfNeeded: bytes.number(at: 64, as: UInt64.self))
        stamp = bytes.number(at: 88)
        let segmentCount = Int(bytes.number(at: 72, as: UInt32.self))
        let nameCount = Int(bytes.number(at: 76, as: UInt32.self))
        let fingerprintCount = Int(bytes.number(at: 80, as: UInt32.self))
        let mergeStart = Self.fixedSize + segmentCount * SegmentDescriptor.size
        let textStart = mergeStart + (flags & 4 == 0 ? 0 : MergeRecord.size)
        guard bytes.count == textStart + nameCount + fingerprintCount + 8 else { throw damaged("its length is wrong") }
        guard (0...Int(UInt32.max)).contains(deltaCount),
            [commit, nextSegment, unfinishedSegment].allSatisfy({ $0 <= Self.largestCount })
        else { throw damaged("a count is out of range") }
        let shape = CodeShape(bitWidth: bitWidth)
        segments = try (0..<segmentCount).map { i in
            let start = Self.fixedSize + i * SegmentDescriptor.size
            let slice = UnsafeRawBufferPointer(rebasing: bytes[start..<start + SegmentDescriptor.size])
            guard let descriptor = SegmentDescriptor(decoding: slice, shape: shape) else {
                throw damaged("segment \(i) makes no sense")
            }
            return descriptor
        }
        if flags & 4 != 0 {
            let slice = UnsafeRawBufferPointer(rebasing: bytes[mergeStart..<textStart])
            guard let record = MergeRecord(decoding: slice, shape: shape) else {
                throw damaged("the merge under way makes no sense")
            }
            merge = record
        }
        if let contradiction { throw damaged(contradiction) }
        let text = bytes[textStart..<bytes.count - 8]
        model =
            flags & 2 == 0
            ? nil
            : ModelIdentity(
                name: String(decoding: text.prefix(nameCount), as: UTF8.self),
                fingerprint: String(decoding: text.suffix(fingerprintCount), as: UTF8.self))
    }

    /// What in the header cannot be together, each part being possible by itself; `nil` if all can.
    private var contradiction: String? {
        // Fewer by what is deleted in the delta.
        let items = segments.reduce(deltaCount) { $0 + $1.rows - $1.tombstones }
        guard (items - deltaCount...items).contains(itemCount) else { return "its items do not add up" }
        if let merge, merge.target.rows > segments.reduce(0, { $0 + $1.rows }) {
            return "the merge under way has more rows than its sources"
        }
        let numbers = segments.map(\.number) + (merge.map { [$0.target.number] } ?? [])
        guard Set(numbers).count == numbers.count, numbers.allSatisfy({ $0 < nextSegment }),
            unfinishedSegment <= nextSegment
        else { return "the numbers of its segments do not fit together" }
        return nil
    }

    init(bitWidth: Int, model: ModelIdentity?, stamp: UInt64 = 0) {
        self.bitWidth = bitWidth
        self.model = model
        self.stamp = stamp
    }

    /// The bytes of the header in a database; nil if there is none, and so no collection.
    static func bytes(
        from transaction: borrowing some ValueReader & ~Copyable, _ meta: Database
    ) throws -> UnsafeRawBufferPointer? {
        do { return try withKey(key) { try transaction.value(of: $0, in: meta) } } catch LMDBError.databaseClosed {
            return nil
        }
    }

    static func read(from transaction: borrowing some ValueReader & ~Copyable, _ databases: Databases, path: String)
        throws -> StoreHeader
    {
        let gone = HashDBError.collectionRemoved(path: path)
        guard let bytes = try bytes(from: transaction, databases.meta) else { throw gone }
        let header = try StoreHeader(decoding: bytes, path: path)
        guard databases.stamp ?? header.stamp == header.stamp else { throw gone }
        return header
    }

    /// Counts items that come or go.
    ///
    /// - Throws: `HashDBError.damaged` if more go than there are.
    mutating func changeItemCount(by change: Int, path: String) throws {
        guard itemCount + change >= 0 else {
            throw HashDBError.damaged(
                path: path, part: "header", reason: "it counts \(itemCount) items, and there are more")
        }
        itemCount += change
    }

    func write(to transaction: borrowing WriteTransaction, _ databases: Databases) throws {
        try encode().withUnsafeBytes { value in
            try withKey(Self.key) { try transaction.set($0, to: value, in: databases.meta) }
        }
    }
}
