/// The state of CNNH's coordinate descent: H and the sums that make the derivative of an entry cheap.
///
/// With L = HHᵀ − qS, changing H_ij by d changes q²·objective by 4·a·d + 2·b·d² + 4·H_ij·d³ + d⁴, where
/// a = L_i·H_·j and b = ‖H_·j‖² + H_ij² + L_ii (g′ = 4a and g″ = 4b of formulas 6 and 7). From the sums,
/// a = H_i·G_·j − q·(2·Σ M_gj over similar groups g − s_j) and L_ii = ‖H_i‖² − q.
package struct CoordinateDescent {
    let groups: SimilarityGroups
    let bits: Int
    /// H, items × bits.
    package private(set) var entries: [Double]
    /// G = HᵀH, bits × bits.
    private var gram: [Double]
    /// M, groups × bits: sums of H over the items of a group.
    private var groupSums: [Double]
    /// s, the sum of H over all items.
    private var sums: [Double]

    package init(groups: SimilarityGroups, bits: Int, using generator: inout SeededGenerator) {
        let entries = (0..<groups.itemCount * bits).map { _ in 2 * generator.nextUniform() - 1 }
        self.init(groups: groups, bits: bits, entries: entries)
    }

    package init(groups: SimilarityGroups, bits: Int, entries: [Double]) {
        precondition(entries.count == groups.itemCount * bits)
        self.groups = groups
        self.bits = bits
        self.entries = entries
        gram = []
        groupSums = []
        sums = []
        recomputeSums()
    }

    /// ‖S − (1/q)·HHᵀ‖²_F / n².
    package var objective: Double {
        var fit = 0.0
        for group in 0..<groups.groupCount {
            for bit in 0..<bits {
                fit += groupSums[group * bits + bit] * similarSum(group, bit)
            }
        }
        let count = Double(groups.itemCount)
        let length = Double(bits)
        let gramNorm = gram.reduce(0) { $0 + $1 * $1 }
        return count == 0 ? 0 : (gramNorm / (length * length) - 2 / length * fit) / (count * count) + 1
    }

    /// Updates every entry once, in an order drawn from the generator.
    package mutating func sweep(using generator: inout SeededGenerator) {
        var order = Array(0..<entries.count)
        order.shuffle(using: &generator)
        for index in order { update(item: index / bits, bit: index % bits) }
        recomputeSums()  // rounding of a sweep's updates goes no further
    }

    /// Moves one entry by the projected Newton step (formula 8).
    package mutating func update(item: Int, bit: Int) {
        let entry = entries[item * bits + bit]
        let slope = slope(item: item, bit: bit)
        let curvature = gram[bit * bits + bit] + entry * entry + squaredNorm(item) - Double(bits)
        let change = Self.change(entry: entry, slope: slope, curvature: curvature)
        if change != 0 { apply(change, item: item, bit: bit) }
    }

    /// The Newton step −g′/g″ held within [−1 − H_ij, 1 − H_ij]. The quartic may rise where its quadratic model is
    /// wrong (few items; L_ii ≤ 0 can make g″ ≤ 0): then the bound that lowers it, or half a step, or none.
    static func change(entry: Double, slope: Double, curvature: Double) -> Double {
        func rise(_ d: Double) -> Double {
            d * (4 * slope + d * (2 * curvature + d * (4 * entry + d)))
        }
        let lower = -1 - entry
        let upper = 1 - entry
        let newton = curvature > 0 ? max(lower, min(-slope / curvature, upper)) : 0
        if newton != 0, rise(newton) <= 0 { return newton }
        let best = [lower, upper, newton / 2].min { rise($0) < rise($1) } ?? 0
        return rise(best) < 0 ? best : 0
    }

    /// a = L_i·H_·j.
    private func slope(item: Int, bit: Int) -> Double {
        var product = 0.0
        for other in 0..<bits { product += entries[item * bits + other] * gram[bit * bits + other] }
        return product - Double(bits) * similarSum(groups.groups[item], bit)
    }

    /// Σ_k S_ik·H_kj for the items i of a group.
    private func similarSum(_ group: Int, _ bit: Int) -> Double {
        var sum = 0.0
        for similar in groups.similarGroups[group] { sum += groupSums[similar * bits + bit] }
        return 2 * sum - sums[bit]
    }

    private func squaredNorm(_ item: Int) -> Double {
        var sum = 0.0
        for bit in 0..<bits { sum += entries[item * bits + bit] * entries[item * bits + bit] }
        return sum
    }

    /// Adds `change` to H_ij and follows in all sums; G's row and column take the old H_i, its diagonal both and d².
    private mutating func apply(_ change: Double, item: Int, bit: Int) {
        for other in 0..<bits {
            let addend = change * entries[item * bits + other]
            gram[bit * bits + other] += addend
            gram[other * bits + bit] += addend
        }
        gram[bit * bits + bit] += change * change
        groupSums[groups.groups[item] * bits + bit] += change
        sums[bit] += change
        entries[item * bits + bit] += change
    }

    private mutating func recomputeSums() {
        gram = [Double](repeating: 0, count: bits * bits)
        groupSums = [Double](repeating: 0, count: groups.groupCount * bits)
        sums = [Double](repeating: 0, count: bits)
        for item in 0..<groups.itemCount {
            let group = groups.groups[item]
            for bit in 0..<bits {
                let entry = entries[item * bits + bit]
                groupSums[group * bits + bit] += entry
                sums[bit] += entry
                for other in 0..<bits { gram[bit * bits + other] += entry * entries[item * bits + other] }
            }
        }
    }
}
