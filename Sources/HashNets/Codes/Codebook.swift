/// One code for each group of equal items, as an optional refinement of CNNH's stage 1.
///
/// Coordinate descent ends with nearly one code a class, at a mean distance near the Plotkin limit, but an item or two
/// may keep another code and two classes may come close. A codebook gives every item its group's most frequent code,
/// of several starts the one whose closest codes are farthest apart. Models trained so say `codebook` in their
/// metadata: the paper has no such step.
package struct Codebook: Sendable {
    /// The code of each group, as truth values.
    package let codes: [[Bool]]
    private let groups: [Int]

    /// Takes each group's most frequent code of the codes that `restarts` runs of stage 1 find.
    package init(groups: SimilarityGroups, bits: Int, sweeps: Int = 5, restarts: Int = 8, seed: UInt64) {
        let candidates = (0..<max(restarts, 1)).map { restart in
            Self.dominantCodes(
                of: SimilarityCodes(groups: groups, bits: bits, sweeps: sweeps, seed: seed &+ UInt64(restart)),
                groups: groups)
        }
        let best = candidates.max { Self.smallestDistance($0) < Self.smallestDistance($1) }
        codes = best ?? []
        self.groups = groups.groups
    }

    /// A code for each class; items are the classes themselves.
    init(codes: [[Bool]]) {
        self.codes = codes
        groups = Array(codes.indices)
    }

    /// The code of an item.
    package func bits(of item: Int) -> [Bool] { codes[groups[item]] }

    /// The distance of the two closest codes; the code length where there are fewer than two.
    package static func smallestDistance(_ codes: [[Bool]]) -> Int {
        var smallest = codes.first?.count ?? 0
        for first in codes.indices {
            for second in codes.indices.dropFirst(first + 1) {
                smallest = min(smallest, zip(codes[first], codes[second]).count { $0 != $1 })
            }
        }
        return smallest
    }

    /// Of each group the code that most of its items have; of equally many, the one met first.
    package static func dominantCodes(of codes: SimilarityCodes, groups: SimilarityGroups) -> [[Bool]] {
        var counts = [[[Bool]: Int]](repeating: [:], count: groups.groupCount)
        var dominant = [[Bool]](repeating: [], count: groups.groupCount)
        for item in 0..<groups.itemCount {
            let group = groups.groups[item]
            let code = codes.bits(of: item)
            counts[group][code, default: 0] += 1
            if counts[group][code, default: 0] > counts[group][dominant[group], default: 0] {
                dominant[group] = code
            }
        }
        return dominant
    }
}
