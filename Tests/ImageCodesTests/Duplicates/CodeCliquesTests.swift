import TestSupport
import Testing

import ImageCodes

@Suite struct CodeCliquesTests {
    @Test(arguments: 0..<60)
    func everyTwoMembersAreNearAndNothingMoreCouldBeJoined(seed: Int) {
        var numbers = SplitMix64(seed: UInt64(seed))
        let count = Int.random(in: 2...24, using: &numbers)
        let places = (0..<count).map { _ in Int.random(in: 0..<40, using: &numbers) }
        let radius = Int.random(in: 1...9, using: &numbers)
        var pairs: [(Int, Int)] = []
        for a in 0..<count {
            for b in a + 1..<count where abs(places[a] - places[b]) <= radius { pairs.append((a, b)) }
        }
        func groups(_ pairs: [(Int, Int)]) -> [[Int]] {
            var cliques = CodeCliques()
            for (a, b) in pairs { cliques.add(a, b, distance: abs(places[a] - places[b])) }
            return cliques.groups()
        }
        let found = groups(pairs)
        for group in found {
            #expect(group.count > 1)
            for a in group { for b in group { #expect(abs(places[a] - places[b]) <= radius) } }
        }
        let members = found.flatMap { $0 }
        #expect(Set(members).count == members.count)
        // No two groups, or single ones, could be one.
        let parts = found + (0..<count).filter { !members.contains($0) }.map { [$0] }
        for a in parts.indices {
            for b in a + 1..<parts.count {
                #expect(parts[a].contains { x in parts[b].contains { abs(places[x] - places[$0]) > radius } })
            }
        }
        // The order of pairs, and of the two in a pair, is of no consequence.
        #expect(
            groups(pairs.shuffled(using: &numbers).map { Bool.random(using: &numbers) ? $0 : ($0.1, $0.0) }) == found)
    }

    @Test func aChainIsNoGroup() {
        var cliques = CodeCliques()
        cliques.add(0, 1, distance: 3)
        cliques.add(1, 2, distance: 2)
        cliques.add(2, 3, distance: 3)
        #expect(cliques.groups() == [[1, 2]])
    }
}
