/// Groups in which every two members are near one another.
///
/// Groups merge along the given pairs, the nearest first, where each member of one is near each of the other (complete linkage,
/// Sørensen 1948). So a row of images, each a little unlike the one before, is never one group whose ends are far apart. Which groups come
/// out depends on the members' numbers and their pairs alone, not on the order in which pairs were added.
package struct CodeCliques {
    private struct Edge {
        var distance: Int32
        var a: Int32
        var b: Int32
    }

    private var edges: [Edge] = []
    private var near: Set<UInt64> = []

    /// No pairs yet.
    package init() {}

    /// Says that two different members are near, each pair once.
    package mutating func add(_ a: Int, _ b: Int, distance: Int) {
        let (low, high) = (min(a, b), max(a, b))
        edges.append(
            Edge(
                distance: Int32(clamping: distance), a: Int32(truncatingIfNeeded: low),
                b: Int32(truncatingIfNeeded: high)))
        near.insert(CodeCliques.key(low, high))
    }

    /// The groups of two or more, each ascending, in the order of their first members.
    package func groups() -> [[Int]] {
        var groupOf: [Int: Int] = [:]
        var groups: [[Int]] = []
        let order = edges.sorted { ($0.distance, $0.a, $0.b) < ($1.distance, $1.a, $1.b) }
        for edge in order {
            for member in [Int(edge.a), Int(edge.b)] where groupOf[member] == nil {
                groupOf[member] = groups.count
                groups.append([member])
            }
            guard var kept = groupOf[Int(edge.a)], var taken = groupOf[Int(edge.b)], kept != taken else { continue }
            guard groups[kept].allSatisfy({ a in groups[taken].allSatisfy { areNear(a, $0) } }) else { continue }
            if groups[kept].count < groups[taken].count { swap(&kept, &taken) }
            for member in groups[taken] { groupOf[member] = kept }
            groups[kept] += groups[taken]
            groups[taken] = []
        }
        return groups.filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
    }

    private func areNear(_ a: Int, _ b: Int) -> Bool { near.contains(CodeCliques.key(min(a, b), max(a, b))) }

    private static func key(_ low: Int, _ high: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: low) << 32 | UInt64(truncatingIfNeeded: high) & 0xFFFF_FFFF
    }
}
