extension Codebook {
    /// One codeword for each of `classes` classes, chosen for a small largest |inner product| of two ±1 codewords.
    ///
    /// Each of `restarts` runs starts from random bits and flips single ones as long as that lowers Σ (c_i·c_j)⁴ over
    /// all pairs, whose fourth power makes the largest products count most; the run with the smallest largest product is
    /// taken. Near-orthogonal codewords lie q/2 apart, and none is another's inverse. A sweep costs O(classes²·bits), so that many classes
    /// get fewer runs and sweeps, some ten seconds' worth, and more than 4,096 are left as they were drawn: random codewords are nearly orthogonal too.
    package init(classes: Int, bits: Int, restarts: Int = 8, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        guard classes <= Self.mostChosen else {
            self.init(codes: (0..<classes).map { _ in (0..<bits).map { _ in Bool.random(using: &generator) } })
            return
        }
        let affordable = Self.mostSteps / max(1, classes * classes * bits)
        let restarts = max(1, min(restarts, affordable / 10))
        let sweeps = max(1, min(50, affordable / restarts))
        var best = Codewords(classes: classes, bits: bits, using: &generator)
        best.descend(sweeps: sweeps, using: &generator)
        for _ in 1..<restarts where best.largestProduct > 0 {
            var candidate = Codewords(classes: classes, bits: bits, using: &generator)
            candidate.descend(sweeps: sweeps, using: &generator)
            if (candidate.largestProduct, candidate.cost) < (best.largestProduct, best.cost) { best = candidate }
        }
        self.init(codes: best.codes)
    }

    /// The most classes whose codewords are chosen: beyond, their products would take hundreds of megabytes.
    private static let mostChosen = 4096
    /// The most pairs of a bit and another class that are looked at.
    private static let mostSteps = 4_000_000_000

    /// The largest |inner product| of two codes as ±1 vectors; 0 where there are fewer than two.
    package static func largestProduct(_ codes: [[Bool]]) -> Int {
        var largest = 0
        for (index, first) in codes.enumerated() {
            for second in codes.dropFirst(index + 1) {
                let differing = zip(first, second).count { $0 != $1 }
                largest = max(largest, abs(first.count - 2 * differing))
            }
        }
        return largest
    }
}

/// ±1 codewords and their inner products during the descent.
private struct Codewords {
    private let classes: Int
    private let bits: Int
    private var entries: [Int]
    private var products: [Int]

    init(classes: Int, bits: Int, using generator: inout SeededGenerator) {
        self.classes = classes
        self.bits = bits
        entries = (0..<classes * bits).map { _ in Bool.random(using: &generator) ? 1 : -1 }
        products = []
        products = (0..<classes * classes).map { pair in product(pair / classes, pair % classes) }
    }

    var codes: [[Bool]] {
        (0..<classes).map { label in entries[label * bits..<(label + 1) * bits].map { $0 > 0 } }
    }

    var largestProduct: Int {
        var largest = 0
        for first in 0..<classes {
            for second in 0..<first { largest = max(largest, abs(products[first * classes + second])) }
        }
        return largest
    }

    /// Σ (c_i·c_j)⁴ over pairs.
    var cost: Double {
        var sum = 0.0
        for first in 0..<classes {
            for second in 0..<first { sum += fourthPower(products[first * classes + second]) }
        }
        return sum
    }

    /// Flips single bits in random order until no flip lowers the cost; every flip lowers it, so there is an end, and
    /// a bound on the sweeps for very many classes.
    mutating func descend(sweeps: Int, using generator: inout SeededGenerator) {
        var order = Array(entries.indices)
        for _ in 0..<sweeps {
            order.shuffle(using: &generator)
            let flipped = order.count { flipIfBetter(label: $0 / bits, bit: $0 % bits) }
            if flipped == 0 { return }
        }
    }

    private mutating func flipIfBetter(label: Int, bit: Int) -> Bool {
        var change = 0.0
        for other in 0..<classes where other != label {
            let product = products[label * classes + other]
            let shift = 2 * entries[label * bits + bit] * entries[other * bits + bit]
            change += fourthPower(product - shift) - fourthPower(product)
        }
        guard change < 0 else { return false }
        for other in 0..<classes where other != label {
            let shift = 2 * entries[label * bits + bit] * entries[other * bits + bit]
            products[label * classes + other] -= shift
            products[other * classes + label] -= shift
        }
        entries[label * bits + bit].negate()
        return true
    }

    private func product(_ first: Int, _ second: Int) -> Int {
        (0..<bits).reduce(0) { $0 + entries[first * bits + $1] * entries[second * bits + $1] }
    }
}

private func fourthPower(_ product: Int) -> Double {
    let square = Double(product * product)
    return square * square
}
