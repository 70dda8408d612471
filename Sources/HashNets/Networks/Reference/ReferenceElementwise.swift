/// max(0, x); the derivative at 0 is 0.
struct ReferenceRectifier<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    private var output: [Scalar] = []

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        output = rectify(input, by: input)
        return output
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        rectify(outputGradient, by: output)
    }
}

/// Keeps values where the gate is positive, and gives zero elsewhere.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func rectify<Scalar: BinaryFloatingPoint>(_ values: [Scalar], by gate: [Scalar]) -> [Scalar] {
    zip(values, gate).map { $1 > 0 ? $0 : 0 }
}

/// Inverted dropout: in training each value is zeroed with probability `rate`, the others grow by 1 / (1 − rate), so
/// that nothing changes at query time.
struct ReferenceDropout<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let rate: Float
    private var mask: [Float] = []

    init(rate: Float) {
        self.rate = rate
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        mask = []
        guard dropout != nil, rate > 0 else { return input }
        mask = [Float](repeating: 0, count: input.count)
        mask.withUnsafeMutableBufferPointer { fillDropoutMask($0, rate: rate, from: &dropout) }
        return zip(input, mask).map { $0 * Scalar($1) }
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        mask.isEmpty ? outputGradient : zip(outputGradient, mask).map { $0 * Scalar($1) }
    }
}

/// Writes 0 with probability `rate` (to 16 bits) and 1 / (1 − rate) otherwise; four values take one random number.
func fillDropoutMask(_ mask: UnsafeMutableBufferPointer<Float>, rate: Float, from generator: inout SeededGenerator?) {
    guard var random = generator else { return }
    let threshold = UInt64(min(max(rate, 0), 1) * 65536)
    let kept = 1 / (1 - rate)
    var index = 0
    while index < mask.count {
        var bits = random.next()
        for position in index..<min(index + 4, mask.count) {
            mask[position] = bits & 0xFFFF < threshold ? 0 : kept
            bits >>= 16
        }
        index += 4
    }
    generator = random
}
