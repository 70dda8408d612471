/// What a commit touched, as the store records it under the commit's number.
struct ChangeRecord: Equatable, Sendable {
    /// Tells the commit from every other of its number.
    var mark: UInt64
    /// The commit after which the record goes on. Before the one where recording began nothing is known: there it is that commit itself.
    var base: UInt64
    /// Ids that were put or deleted, or of which the payload was replaced; perhaps others.
    var ids: IDRanges
    /// Keys of attributes that were set or removed; nil: perhaps any.
    var attributes: [String]?

    /// More keys than this are taken for all.
    static let mostAttributes = 4096

    /// Beside the checksum of all values: mark and base, u64 each; the number of ranges and of keys, u32 each, of keys 2^32 − 1 standing for all;
    /// for each range as LEB128 what is between it and the one before, and what its last id is more than its first; for each key its length,
    /// u16, and its bytes.
    func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: mark)
        bytes.append(number: base)
        bytes.append(number: UInt32(ids.ranges.count))
        bytes.append(number: attributes.map { UInt32($0.count) } ?? .max)
        var end: UInt64 = 0
        for range in ids.ranges {
            bytes.append(leb128: range.lowerBound - end)
            bytes.append(leb128: range.upperBound - range.lowerBound)
            end = range.upperBound
        }
        for key in attributes ?? [] {
            bytes.append(number: UInt16(key.utf8.count))
            bytes += key.utf8
        }
        return bytes
    }

    /// Nil where the bytes are no record.
    init?(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes[...])
        guard let mark = reader.number(UInt64.self), let base = reader.number(UInt64.self),
            let rangeCount = reader.number(UInt32.self), let keyCount = reader.number(UInt32.self)
        else { return nil }
        var ranges: [ClosedRange<UInt64>] = []
        var end: UInt64 = 0
        for _ in 0..<rangeCount {
            guard let gap = reader.leb128(), let length = reader.leb128() else { return nil }
            let (first, isTooFar) = end.addingReportingOverflow(gap)
            let (last, isTooLong) = first.addingReportingOverflow(length)
            guard !isTooFar, !isTooLong else { return nil }
            ranges.append(first...last)
            end = last
        }
        var keys: [String]? = keyCount == .max ? nil : []
        for _ in 0..<(keyCount == .max ? 0 : keyCount) {
            guard let length = reader.number(UInt16.self), let key = reader.text(Int(length)) else { return nil }
            keys?.append(key)
        }
        guard reader.isAtEnd else { return nil }
        self.init(
            mark: mark, base: base, ids: IDRanges(ranges, limit: IDRanges.limitOfRecord), attributes: keys)
    }

    init(mark: UInt64, base: UInt64, ids: IDRanges = IDRanges(), attributes: [String]? = []) {
        self.mark = mark
        self.base = base
        self.ids = ids
        self.attributes = attributes.flatMap { $0.count > Self.mostAttributes ? nil : $0 }
    }
}
