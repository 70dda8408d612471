import CHamming

/// What is looked for, in every part of the store alike.
struct SearchRequest {
    let query: UnsafePointer<hamming_query>
    /// How many of the nearest; 0: all within the limit.
    let count: Int
    let filter: ItemFilter
    let plan: QueryPlan
    /// Whether many queries read the codes together if they are scanned.
    var sharesScan = false

    /// The code's bytes.
    var code: UnsafePointer<UInt8> {
        UnsafeRawPointer(query).advanced(by: Self.codeOffset).assumingMemoryBound(to: UInt8.self)
    }

    /// The distance within which more matches can count, as long as `limit` is the farthest that counts at all and these are the best so far.
    func limit(within limit: Int, having best: [Match]) -> Int {
        count > 0 && best.count == count ? best[count - 1].distance : limit
    }

    /// Takes away what is more than was asked for.
    func leaveWanted(_ best: inout [Match]) {
        if count > 0, best.count > count { best.removeLast(best.count - count) }
    }

    private static let codeOffset = MemoryLayout<hamming_query>.offset(of: \.code) ?? 8
}
