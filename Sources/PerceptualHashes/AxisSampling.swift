/// How one axis of an image becomes 64 samples: two box filters one after the other, which make a tent (Jarosz, "Fast Image
/// Convolutions", SIGGRAPH workshop 2001), and of their result the values at the centres of 64 equal parts.
///
/// A sample is a mean with fractions for weights; here are their numerators and the denominator, so that sums stay integers.
/// An axis of fewer than 64 pixels is not filtered, and gives some pixels more than once.
package struct AxisSampling {
    /// The pixels of one sample.
    package struct Sample: Equatable {
        /// The first pixel, counted from the end at which the axis is stored to begin.
        package var start: Int
        /// What each pixel from `start` on counts.
        package var weights: [UInt64]
        /// The sum of all weights.
        package var denominator: UInt64

        package var end: Int { start + weights.count }
    }

    package static let count = 64

    /// In the order of the axis as it is shown.
    package let samples: [Sample]

    /// The samples of an axis of `length` pixels. Where it is `reversed`, it is stored from its end to its beginning.
    package init(length: Int, reversed: Bool) {
        samples = (0..<Self.count).map { index in
            var sample = Self.sample(index, of: length)
            if reversed {
                sample.start = length - sample.end
                sample.weights.reverse()
            }
            return sample
        }
    }

    /// The largest denominator.
    package var denominator: UInt64 { samples.reduce(1) { max($0, $1.denominator) } }

    private static func sample(_ index: Int, of length: Int) -> Sample {
        let centre = (2 * index + 1) * length / (2 * count)
        let outer = window(around: centre, of: length)
        // At the far end a window of even size reaches over the edge by one pixel: its mean has another denominator.
        let multiple = outer.reduce(UInt64(1)) { multiple, middle in
            let size = UInt64(window(around: middle, of: length).count)
            return multiple % size == 0 ? multiple : multiple / greatestCommonDivisor(multiple, size) * size
        }
        let start = window(around: outer.lowerBound, of: length).lowerBound
        let end = window(around: outer.upperBound - 1, of: length).upperBound
        // By how much a pixel counts more than the one before it.
        var steps = [UInt64](repeating: 0, count: end - start + 1)
        for middle in outer {
            let inner = window(around: middle, of: length)
            let weight = multiple / UInt64(inner.count)
            steps[inner.lowerBound - start] &+= weight
            steps[inner.upperBound - start] &-= weight
        }
        var sum: UInt64 = 0
        let weights = steps.dropLast().map { step in
            sum &+= step
            return sum
        }
        return Sample(start: start, weights: weights, denominator: multiple * UInt64(outer.count))
    }

    /// The pixels that a box around a pixel covers: as many as half a sample is apart, rounded up; if that is even, one more on
    /// the right than on the left.
    package static func window(around centre: Int, of length: Int) -> Range<Int> {
        let size = (length + 2 * count - 1) / (2 * count)
        let right = size / 2
        let left = size - 1 - right
        return max(0, centre - left)..<min(length, centre + right + 1)
    }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}
