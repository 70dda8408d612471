import Foundation
import HashDB
import HashNets

/// Codes of a store drawn at random, with a seed, and the distances of pairs of them: enough to see how the codes are.
struct CodeSample {
    /// Where the random numbers begin.
    let seed: UInt64 = 1
    /// Bits of a code that can differ; others fill codes up to what the store holds.
    let bitCount: Int
    let statistics: CodeStatistics
    /// How many pairs are at each distance from 0 to `bitCount`.
    let distances: [Int]
    /// Whether the pairs are all pairs of the store.
    let isComplete: Bool

    private static let (mostCodes, mostPairs) = (20_000, 200_000)

    /// Draws from all codes of a store, each as likely as any other, in one pass (Vitter 1985, algorithm R).
    init(_ snapshot: borrowing Snapshot, bitCount: Int) throws {
        var generator = SeededGenerator(seed: seed)
        var codes: [BinaryCode] = []
        var seen = 0
        try snapshot.forEachItem(payloads: false) { item in
            seen += 1
            if codes.count < Self.mostCodes {
                codes.append(item.code)
            } else if case let place = Int.random(in: 0..<seen, using: &generator), place < codes.count {
                codes[place] = item.code
            }
            return true
        }
        var distances = [Int](repeating: 0, count: snapshot.bitWidth + 1)
        isComplete = seen == codes.count && codes.count * (codes.count - 1) / 2 <= Self.mostPairs
        if isComplete {
            for (index, code) in codes.enumerated() {
                for other in codes[..<index] { distances[code.hammingDistance(to: other)] += 1 }
            }
        } else {
            for _ in 0..<Self.mostPairs {
                let first = Int.random(in: 0..<codes.count, using: &generator)
                let others = Int.random(in: 0..<codes.count - 1, using: &generator)
                distances[codes[first].hammingDistance(to: codes[others < first ? others : others + 1])] += 1
            }
        }
        self.bitCount = bitCount
        self.distances = Array(distances.prefix(bitCount + 1))
        statistics = CodeStatistics(
            codes: codes.flatMap(\.bytes), codeBytes: snapshot.bitWidth / 8, bits: snapshot.bitWidth)
    }

    var pairCount: Int { distances.reduce(0, +) }

    /// The mean distance of the pairs.
    var meanDistance: Double {
        Double(distances.enumerated().reduce(0) { $0 + $1.offset * $1.element }) / Double(max(1, pairCount))
    }

    /// The share of pairs of random codes that would be at each distance: binomial, with probability ½.
    var randomShares: [Double] {
        var logarithm = -Double(bitCount) * log(2)
        return (0...bitCount).map { distance in
            defer { logarithm += log(Double(bitCount - distance) / Double(distance + 1)) }
            return exp(logarithm)
        }
    }
}
