import Foundation

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): small, quick,
/// and its whole state is one number that a checkpoint can keep.
package struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable {
    /// All that the generator remembers; setting it continues an earlier sequence.
    package var state: UInt64

    /// Equal seeds give equal sequences.
    package init(seed: UInt64) {
        state = seed
    }

    /// The next 64 uniform bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A uniform number of [0, 1) with 53 bits.
    package mutating func nextUniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A standard normal number by the Box-Muller transform.
    package mutating func nextNormal() -> Double {
        let radius = (-2 * log(1 - nextUniform())).squareRoot()
        return radius * cos(2 * .pi * nextUniform())
    }
}

/// A seed of its own for each combination of numbers.
func mixed(_ seed: UInt64, _ numbers: Int...) -> UInt64 {
    numbers.reduce(seed) { state, number in
        var generator = SeededGenerator(seed: state ^ UInt64(bitPattern: Int64(number)) &* 0xD6E8_FEB8_6659_FD93)
        return generator.next()
    }
}
