/// xoshiro256** (Blackman and Vigna 2018), seeded by SplitMix64 from a name: every set is the same on every machine.
struct Xoshiro: RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init(named name: String) {
        // FNV-1a makes a number of the name.
        var mixed = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        func splitMix() -> UInt64 {
            mixed &+= 0x9E37_79B9_7F4A_7C15
            var z = mixed
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        state = (splitMix(), splitMix(), splitMix(), splitMix())
    }

    mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    /// A uniform number of 0 ..< bound.
    mutating func index(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// A uniform number of [0, 1).
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// `bits` bits of which each is set with this probability.
    mutating func noise(bits: Int, probability: Double) -> UInt64 {
        let threshold = UInt32(probability * 0x1p32)
        var word: UInt64 = 0
        for bit in stride(from: 0, to: bits, by: 2) {
            let draw = next()
            if UInt32(truncatingIfNeeded: draw) < threshold { word |= 1 << UInt64(bit) }
            if UInt32(truncatingIfNeeded: draw >> 32) < threshold, bit + 1 < bits { word |= 1 << UInt64(bit + 1) }
        }
        return word
    }
}
