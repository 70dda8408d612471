import HashNets
import Testing

/// ‖S − HHᵀ/q‖² / n² with the whole n × n matrix.
private func naiveObjective(_ entries: [Double], bits: Int, groups: SimilarityGroups) -> Double {
    var sum = 0.0
    for first in 0..<groups.itemCount {
        for second in 0..<groups.itemCount {
            let product = (0..<bits).reduce(0.0) { $0 + entries[first * bits + $1] * entries[second * bits + $1] }
            let error = (groups.isSimilar(first, second) ? 1.0 : -1.0) - product / Double(bits)
            sum += error * error
        }
    }
    return sum / Double(groups.itemCount * groups.itemCount)
}

/// One Newton step as the paper writes it, with a row of L = HHᵀ − qS computed anew.
private func naiveUpdate(_ entries: inout [Double], item: Int, bit: Int, bits: Int, groups: SimilarityGroups) {
    let row = (0..<groups.itemCount).map { other in
        (0..<bits).reduce(0.0) { $0 + entries[item * bits + $1] * entries[other * bits + $1] }
            - Double(bits) * (groups.isSimilar(item, other) ? 1 : -1)
    }
    let column = (0..<groups.itemCount).map { entries[$0 * bits + bit] }
    let entry = column[item]
    let slope = 4 * zip(row, column).reduce(0) { $0 + $1.0 * $1.1 }
    let curvature = 4 * (column.reduce(0) { $0 + $1 * $1 } + entry * entry + row[item])
    entries[item * bits + bit] += max(-1 - entry, min(-slope / curvature, 1 - entry))
}

private func randomLabels(_ count: Int, classes: Int, seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Int.random(in: 0..<classes, using: &generator) }
}

private func randomLabelSets(_ count: Int, labels: Int, seed: UInt64) -> [Set<Int>] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Set((0..<labels).filter { _ in generator.nextUniform() < 0.3 }) }
}

@Suite struct SimilarityCodesTests {
    @Test func groupsSayWhichItemsShareALabel() {
        let sets: [Set<Int>] = [[0, 1], [1], [2], [], [], [0, 1], [2, 3]]
        let groups = SimilarityGroups(labelSets: sets)
        for (first, one) in sets.enumerated() {
            for (second, other) in sets.enumerated() {
                #expect(groups.isSimilar(first, second) == (first == second || !one.isDisjoint(with: other)))
            }
        }
        #expect(groups.groupCount == 6)
    }

    @Test(arguments: [0, 1, 2])
    func factoredStepsEqualStepsWithTheWholeMatrix(kind: Int) {
        let bits = 7
        let sets = randomLabelSets(40, labels: 5, seed: 3)
        let groups =
            switch kind {
            case 0: SimilarityGroups(labels: randomLabels(40, classes: 4, seed: 2))
            case 1: SimilarityGroups(labelSets: sets)
            // A label of its own makes each item a group.
            default: SimilarityGroups(labelSets: sets.enumerated().map { $1.union([100 + $0]) })
            }
        var generator = SeededGenerator(seed: 4)
        var descent = CoordinateDescent(groups: groups, bits: bits, using: &generator)
        var naive = descent.entries
        for _ in 0..<400 {
            let item = Int.random(in: 0..<40, using: &generator)
            let bit = Int.random(in: 0..<bits, using: &generator)
            descent.update(item: item, bit: bit)
            naiveUpdate(&naive, item: item, bit: bit, bits: bits, groups: groups)
        }
        let error = zip(descent.entries, naive).map { abs($0 - $1) }.max() ?? 0
        #expect(error < 1e-9)
        descent.sweep(using: &generator)
        #expect(abs(descent.objective - naiveObjective(descent.entries, bits: bits, groups: groups)) < 1e-10)
    }

    @Test(arguments: [1, 2, 3, 5, 30, 200])
    func objectiveNeverRises(count: Int) {
        for seed in 0..<5 as Range<UInt64> {
            let groups = SimilarityGroups(labelSets: randomLabelSets(count, labels: 6, seed: seed))
            let codes = SimilarityCodes(groups: groups, bits: 9, sweeps: 8, tolerance: -1, seed: seed)
            for (before, after) in zip(codes.objectives, codes.objectives.dropFirst()) {
                #expect(after <= before + 1e-12)
            }
            #expect(codes.relaxed.allSatisfy { abs($0) <= 1 + 1e-12 })
        }
    }

    @Test(arguments: [12, 24, 48])
    func classesGetOneCodeEachNearThePlotkinDistance(bits: Int) {
        let labels = (0..<1000).map { $0 % 10 }
        let groups = SimilarityGroups(labels: labels)
        let codes = SimilarityCodes(groups: groups, bits: bits, sweeps: 5, seed: 1)
        let dominant = Codebook.dominantCodes(of: codes, groups: groups)
        let agreeing = labels.indices.count { codes.bits(of: $0) == dominant[groups.groups[$0]] }
        #expect(agreeing >= 960)
        var distances = 0
        for first in 0..<10 {
            for second in 0..<10 { distances += zip(dominant[first], dominant[second]).count { $0 != $1 } }
        }
        let mean = Double(distances) / 90
        let plotkin = Double(bits) * 10 / 18
        #expect(mean <= plotkin + 1e-9 && mean >= 0.98 * plotkin)
    }

    @Test func equalSeedsGiveEqualCodes() {
        let groups = SimilarityGroups(labels: randomLabels(100, classes: 5, seed: 9))
        let one = SimilarityCodes(groups: groups, bits: 16, seed: 5)
        #expect(one.relaxed == SimilarityCodes(groups: groups, bits: 16, seed: 5).relaxed)
        #expect(one.relaxed != SimilarityCodes(groups: groups, bits: 16, seed: 6).relaxed)
    }

    @Test func codebookIsOneCodePerClassAndNoCloserThanOneRun() {
        let groups = SimilarityGroups(labels: randomLabels(300, classes: 10, seed: 1))
        let codebook = Codebook(groups: groups, bits: 32, restarts: 6, seed: 2)
        let single = Codebook(groups: groups, bits: 32, restarts: 1, seed: 2)
        #expect(codebook.codes.count == 10)
        #expect(Codebook.smallestDistance(codebook.codes) >= Codebook.smallestDistance(single.codes))
        #expect(codebook.bits(of: 17) == codebook.codes[groups.groups[17]])
    }
}
