import CHamming
import Synchronization

/// All words of `width` bits of which `radius` are ones, in the order of their values: a value XOR these are the buckets at that radius.
final class FlipMasks: @unchecked Sendable {
    let count: Int
    /// `count` masks, and HAMMING_LOOKAHEAD repeats of the last for the kernel's prefetching.
    let masks: UnsafePointer<UInt32>

    private static let known = Mutex<[SIMD2<Int>: FlipMasks]>([:])

    /// The masks of a width up to 24 and a radius from 0 to the width.
    static func of(width: Int, radius: Int) -> FlipMasks {
        let key = SIMD2(width, radius)
        if let there = known.withLock({ $0[key] }) { return there }
        let new = FlipMasks(width: width, radius: radius)
        known.withLock { $0[key] = new }
        return new
    }

    private init(width: Int, radius: Int) {
        count = binomial(width, radius)
        let all = UnsafeMutablePointer<UInt32>.allocate(capacity: count + Int(HAMMING_LOOKAHEAD))
        var mask: UInt64 = 1 << UInt64(radius) - 1
        for i in 0..<count {
            all[i] = UInt32(truncatingIfNeeded: mask)
            // The next larger word of as many ones (Gosper).
            let lowest = mask & (0 &- mask)
            if lowest != 0 {
                let carried = mask + lowest
                mask = carried | ((mask ^ carried) / lowest) >> 2
            }
        }
        for i in count..<count + Int(HAMMING_LOOKAHEAD) { all[i] = all[count - 1] }
        masks = UnsafePointer(all)
    }

    deinit { masks.deallocate() }
}

/// The number of ways to choose k of n, for n up to 60.
func binomial(_ n: Int, _ k: Int) -> Int {
    guard k >= 0, k <= n else { return 0 }
    return (0..<min(k, n - k)).reduce(1) { $0 * (n - $1) / ($1 + 1) }
}
