import HashNets
import Testing

@Suite struct CodeStatisticsTests {
    /// Codes whose bits have other odds each, and of which bit 3 repeats bit 0 and bit 5 is its opposite.
    private static func codes(_ count: Int, bits: Int) -> [[Bool]] {
        var generator = SystemFreeGenerator(state: 11)
        return (0..<count).map { _ in
            var code = (0..<bits).map { Double(generator.next() >> 11) * 0x1p-53 < 0.2 + 0.05 * Double($0 % 10) }
            code[3] = code[0]
            code[5] = !code[0]
            code[6] = true
            return code
        }
    }

    @Test(arguments: [(1, 8), (63, 12), (64, 48), (1000, 70)])
    func statisticsAreThoseOfALoopOverAllBits(count: Int, bits: Int) {
        let codes = Self.codes(count, bits: bits)
        let codeBytes = (bits + 7) / 8
        var bytes = [UInt8](repeating: 0, count: count * codeBytes)
        for (row, code) in codes.enumerated() {
            for (bit, isSet) in code.enumerated() where isSet {
                bytes[row * codeBytes + bit / 8] |= 1 << UInt8(bit % 8)
            }
        }
        let statistics = CodeStatistics(codes: bytes, codeBytes: codeBytes, bits: bits)
        #expect(statistics.count == count && statistics.distinct == Set(codes).count && statistics.bits == bits)
        let values = codes.map { $0.map { $0 ? 1.0 : 0.0 } }
        let means = (0..<bits).map { bit in values.reduce(0) { $0 + $1[bit] } / Double(count) }
        var sum = 0.0
        for a in 0..<bits {
            #expect(abs(statistics.ones[a] - means[a]) < 1e-12)
            for b in 0..<bits {
                func moment(_ i: Int, _ j: Int) -> Double {
                    values.reduce(0) { $0 + ($1[i] - means[i]) * ($1[j] - means[j]) } / Double(count)
                }
                let spread = (moment(a, a) * moment(b, b)).squareRoot()
                let expected = spread > 1e-12 ? moment(a, b) / spread : 0
                #expect(abs(statistics.correlations[a * bits + b] - expected) < 1e-9)
                if a < b { sum += abs(expected) }
            }
        }
        #expect(abs(statistics.meanCorrelation - sum / Double(bits * (bits - 1) / 2)) < 1e-9)
        #expect(abs(statistics.meanImbalance - means.reduce(0) { $0 + abs($1 - 0.5) } / Double(bits)) < 1e-12)
    }
}

/// A small generator (Marsaglia's xorshift64, 2003).
private struct SystemFreeGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
