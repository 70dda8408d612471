/// Stage 1 of CNNH: codes whose inner products say which items are similar.
///
/// Minimises ‖S − (1/q)·HHᵀ‖²_F over H ∈ [−1, 1]^{n×q} by coordinate descent (Xia et al., "Supervised Hashing for
/// Image Retrieval via Image Representation Learning", AAAI 2014, formulas 3 to 8 and algorithm 1): entries in random
/// order, each moved by a projected Newton step. The codes are the signs of H.
///
/// Nothing of size n×n is kept. With G = HᵀH, column sums M_g of each group of equal rows of S, and s of all items,
/// an entry costs O(q) where items have one label, and O(q + similar groups) in general; memory is O(nq + uq + q²).
///
///     let codes = SimilarityCodes(groups: SimilarityGroups(labels: labels), bits: 48, sweeps: 5, seed: 1)
///     let target = codes.bits(of: 0)   // q truth values for the network to predict
package struct SimilarityCodes: Sendable {
    /// Length of a code.
    package let bits: Int
    /// The relaxed codes H, items × bits, within [−1, 1].
    package private(set) var relaxed: [Double]
    /// ‖S − (1/q)·HHᵀ‖²_F / n² at the start and after each sweep; it never rises.
    package private(set) var objectives: [Double] = []

    /// Runs at most `sweeps` sweeps over all entries, T in algorithm 1; fewer where a sweep lowers the objective by at
    /// most `tolerance` of its value.
    package init(groups: SimilarityGroups, bits: Int, sweeps: Int = 5, tolerance: Double = 1e-6, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var descent = CoordinateDescent(groups: groups, bits: bits, using: &generator)
        objectives.append(descent.objective)
        for _ in 0..<sweeps {
            descent.sweep(using: &generator)
            let objective = descent.objective
            let decrease = (objectives.last ?? objective) - objective
            objectives.append(objective)
            if decrease <= tolerance * objective { break }
        }
        self.bits = bits
        relaxed = descent.entries
    }

    /// Items in all.
    package var itemCount: Int { bits == 0 ? 0 : relaxed.count / bits }

    /// The code of an item: bit j is set where H_ij ≥ 0, as sign(0) = +1.
    package func bits(of item: Int) -> [Bool] {
        relaxed[item * bits..<(item + 1) * bits].map { $0 >= 0 }
    }
}
