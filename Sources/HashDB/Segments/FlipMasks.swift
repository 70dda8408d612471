import CHamming
import Synchronization

/// All words of `width` bits of which `radius` are ones, in the order of their values: a value XOR these are the buckets at that radius.
final class FlipMasks: @unchecked Sendable {
    let count: Int
    /// `count` masks, and HAMMING_LOOKAHEAD repeats of the last for the kernel's prefetching.
    let masks: UnsafePointer<UInt16>

    private static let known = Mutex<[Int: [FlipMasks]]>([:])

    /// The masks of every radius from 0 to the width, which is up to 16.
    static func all(width: Int) -> [FlipMasks] {
        known.withLock { known in
            if let there = known[width] { return there }
            var byRadius = [[UInt16]](repeating: [], count: width + 1)
            for mask in 0..<1 << width { byRadius[mask.nonzeroBitCount].append(UInt16(mask)) }
            let new = byRadius.map { FlipMasks($0) }
            known[width] = new
            return new
        }
    }

    private init(_ list: [UInt16]) {
        count = list.count
        let all = UnsafeMutablePointer<UInt16>.allocate(capacity: count + Int(HAMMING_LOOKAHEAD))
        for (i, mask) in list.enumerated() { all[i] = mask }
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
