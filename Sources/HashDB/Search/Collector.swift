import CHamming

/// What a search of one part of the store has found: the `count` nearest, or all within a radius.
struct Collector: ~Copyable {
    var raw = hamming_collector()

    /// Collects the `count` smallest of (distance, row), none farther than `limit`; `count` 0: all.
    init(count: Int, limit: Int) {
        hamming_collector_init(&raw, count, UInt32(clamping: limit))
    }

    deinit {
        var raw = raw
        hamming_collector_free(&raw)
    }

    /// How many are wanted; 0: all.
    var count: Int { raw.k }

    /// Only codes up to this distance still matter.
    var limit: Int { Int(raw.limit) }

    /// Forgets what was found but not how near it was: for a scan that will find it again.
    mutating func restart() { raw.count = 0 }

    /// Calls `body` with the distance and row of all that was found, in no order.
    func forEach(_ body: (_ distance: Int, _ row: Int) throws -> Void) throws {
        guard raw.out_of_memory == 0 else { throw HashDBError.outOfMemory }
        for i in 0..<raw.count { try body(Int(raw.keys[i] >> 32), Int(raw.keys[i] & 0xFFFF_FFFF)) }
    }
}
