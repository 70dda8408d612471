/// The steps of multi-index hashing (Norouzi, Punjani, Fleet, TPAMI 2014, section 3).
///
/// If two codes differ in at most r = m · a + b bits, 0 ≤ b < m, then one of the first b + 1 substrings differs in at most a bits or one of
/// the others in at most a − 1. So step s probes substring s mod m at radius ⌊s / m⌋ exactly, and once it is done every code at distance
/// at most s has been met. The substrings may be numbered in any order.
struct ProbeSequence: Sequence, IteratorProtocol {
    struct Step {
        /// After this step every code at a distance up to `number` has been met.
        let number: Int
        /// The place of the substring in the order.
        let rank: Int
        let radius: Int
    }

    private let substrings: Int
    private let substringBits: Int
    private var number = 0

    init(_ segment: SegmentDescriptor) {
        substrings = segment.substrings
        substringBits = segment.substringBits
    }

    /// The next step; nil once every bucket has been probed.
    mutating func next() -> Step? {
        let (radius, rank) = number.quotientAndRemainder(dividingBy: substrings)
        guard radius <= substringBits else { return nil }
        defer { number += 1 }
        return Step(number: number, rank: rank, radius: radius)
    }
}
