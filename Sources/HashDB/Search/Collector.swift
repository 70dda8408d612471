import CHamming

/// What a search of one part of the store has found: at least the `count` nearest codes, or all within a limit.
struct Collector: ~Copyable {
    var raw = hamming_collector()

    /// Collects what is no farther than the `count`-th nearest (0: everything), and no farther than `limit`. Of rows as far as the `count`-th
    /// it may leave out the last, unless it keeps ties.
    init(count: Int, limit: Int, bitWidth: Int, keepsTies: Bool = false) throws {
        guard hamming_collector_init(&raw, count, UInt32(clamping: limit), UInt32(bitWidth)) == 1 else {
            throw HashDBError.outOfMemory
        }
        raw.keeps_ties = keepsTies ? 1 : 0
    }

    deinit { hamming_collector_free(raw.counts) }

    /// How many are wanted; 0: all.
    var count: Int { raw.k }

    /// Only codes up to this distance still matter.
    var limit: Int { Int(raw.limit) }

    /// Wants another number, while nothing has been found.
    mutating func want(_ count: Int) { raw.k = count }

    /// Codes found so far, some of them perhaps too far by now.
    var hits: Int { raw.count }

    /// Whether the limit has moved: then not all within the first limit have been found.
    var isFull: Bool { raw.k > 0 && raw.within >= raw.k }

    /// Forgets what was found, for a scan that will find it again, within a new limit.
    mutating func restart(limit: Int) {
        hamming_collector_restart(&raw)
        raw.limit = UInt32(limit)
    }

    /// Leaves only what is within the limit, and hands it over, in no order. Valid until the collector is changed.
    mutating func prunedHits() throws -> UnsafeBufferPointer<hamming_hit> {
        guard raw.out_of_memory == 0 else { throw HashDBError.outOfMemory }
        hamming_collector_prune(&raw)
        return UnsafeBufferPointer(start: raw.hits, count: raw.count)
    }
}

/// A found row: distance in the high half, row in the low, so that their order is (distance, row).
typealias RowKey = UInt64

extension RowKey {
    init(distance: UInt32, row: UInt32) { self = UInt64(distance) << 32 | UInt64(row) }
    var distance: Int { Int(self >> 32) }
    var row: Int { Int(self & 0xFFFF_FFFF) }
}

extension [RowKey] {
    /// Orders by distance, then by row, of which there are `rows`.
    mutating func sortByDistance(rows: Int) {
        guard count > 1 else { return }
        let rowBits = Int.bitWidth - rows.leadingZeroBitCount
        var scratch = [RowKey](repeating: 0, count: count < 64 ? 1 : count)
        withUnsafeMutableBufferPointer { keys in
            hamming_sort(keys.baseAddress, &scratch, keys.count, UInt32(rowBits))
        }
    }
}
